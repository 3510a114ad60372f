package peer

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

const (
	// maxDescriptionSize bounds what is parsed, in bytes.
	maxDescriptionSize = 8 << 20
	// defaultMaxMessageSize is what no a=max-message-size means (RFC 8841 section 6.1).
	defaultMaxMessageSize = 65536
)

// section is what a remote media section says of its media.
type section struct {
	// codec is the first of the section: what is sent in it.
	codec       media.Codec
	payloadType webrtc.PayloadType
	// captureTime is the number of the header extension abs-capture-time; 0 is none.
	captureTime uint8
	// nack says that missing packets may be asked for (RFC 4585 section 6.2.1).
	nack bool
	// audioLevel is the number of the header extension of RFC 6464; 0 is none.
	audioLevel uint8
	// ended is a section that carries nothing (any more).
	ended bool
}

// description is a remote description, read.
type description struct {
	parsed         sdp.SessionDescription
	sections       map[string]section
	maxMessageSize uint64
}

func parseDescription(text string) (*description, error) {
	if len(text) > maxDescriptionSize {
		return nil, fmt.Errorf("%w: %d bytes", ErrInvalidDescription, len(text))
	}
	d := &description{sections: make(map[string]section)}
	if err := d.parsed.UnmarshalString(text); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalidDescription, err)
	}
	if d.parsed.Origin.UnicastAddress == "" {
		return nil, fmt.Errorf("%w: no origin (o=)", ErrInvalidDescription)
	}
	for _, m := range d.parsed.MediaDescriptions {
		if m.MediaName.Media == "application" {
			if value, ok := m.Attribute("max-message-size"); ok {
				size, err := strconv.ParseUint(value, 10, 32)
				if err != nil {
					return nil, fmt.Errorf("%w: max-message-size %q", ErrInvalidDescription, value)
				}
				d.maxMessageSize = size
			}

			continue
		}
		mid, ok := m.Attribute("mid")
		if !ok {
			continue
		}
		s := section{}
		_, inactive := m.Attribute("inactive")
		s.ended = m.MediaName.Port.Value == 0 || inactive
		dropUndescribed(m)
		if len(m.MediaName.Formats) > 0 {
			s.codec, s.payloadType = codecOf(m, m.MediaName.Formats[0])
			s.nack = hasNACK(m, m.MediaName.Formats[0])
		}
		s.captureTime = extensionID(m, uriAbsCaptureTime)
		s.audioLevel = extensionID(m, uriAudioLevel)
		d.sections[mid] = s
	}

	return d, nil
}

func hasNACK(m *sdp.MediaDescription, format string) bool {
	for _, a := range m.Attributes {
		if payloadType, value, _ := strings.Cut(a.Value, " "); a.Key == "rtcp-fb" && value == "nack" &&
			(payloadType == format || payloadType == "*") {
			return true
		}
	}

	return false
}

// dropUndescribed leaves out payload types without a=rtpmap, which pion refuses:
// mediasoup-client keeps the numbers of a section that it closed, alone.
func dropUndescribed(m *sdp.MediaDescription) {
	described := make(map[string]bool)
	for _, a := range m.Attributes {
		if a.Key == "rtpmap" {
			payloadType, _, _ := strings.Cut(a.Value, " ")
			described[payloadType] = true
		}
	}
	kept := m.MediaName.Formats[:0]
	for _, format := range m.MediaName.Formats {
		if described[format] {
			kept = append(kept, format)
		}
	}
	if len(kept) == 0 {
		// A section must have one; 0 is PCMU by itself (RFC 3551 section 6).
		kept = append(kept, "0")
	}
	m.MediaName.Formats = kept
}

func (d *description) marshal() (string, error) {
	text, err := d.parsed.Marshal()
	if err != nil {
		return "", fmt.Errorf("writing a description: %w", err)
	}

	return string(text), nil
}

// codecOf reads a=rtpmap and a=fmtp of one payload type.
func codecOf(m *sdp.MediaDescription, format string) (media.Codec, webrtc.PayloadType) {
	number, err := strconv.ParseUint(format, 10, 7)
	if err != nil {
		return media.Codec{}, 0
	}
	codec := media.Codec{}
	for _, a := range m.Attributes {
		payloadType, value, _ := strings.Cut(a.Value, " ")
		if payloadType != format {
			continue
		}
		switch a.Key {
		case "rtpmap":
			parts := strings.Split(value, "/")
			codec.MimeType = m.MediaName.Media + "/" + parts[0]
			if len(parts) > 1 {
				rate, _ := strconv.ParseUint(parts[1], 10, 32)
				codec.ClockRate = uint32(rate) //nolint:gosec // 32 bits asked for
			}
			if len(parts) > 2 {
				channels, _ := strconv.ParseUint(parts[2], 10, 16)
				codec.Channels = uint16(channels) //nolint:gosec // 16 bits asked for
			} else if m.MediaName.Media == "audio" {
				codec.Channels = 1
			}
		case "fmtp":
			codec.Parameters = value
		}
	}

	return codec, webrtc.PayloadType(number)
}

// extensionID is the number that a section's a=extmap gives a header extension
// (RFC 8285 section 5); 0 is none.
func extensionID(m *sdp.MediaDescription, uri string) uint8 {
	for _, a := range m.Attributes {
		if !isExtension(a, uri) {
			continue
		}
		number, _, _ := strings.Cut(strings.Fields(a.Value)[0], "/")
		if id, err := strconv.ParseUint(number, 10, 8); err == nil {
			return uint8(id)
		}
	}

	return 0
}

func isExtension(a sdp.Attribute, uri string) bool {
	fields := strings.Fields(a.Value)

	return a.Key == "extmap" && len(fields) > 1 && fields[1] == uri
}

func isCaptureTime(a sdp.Attribute) bool { return isExtension(a, uriAbsCaptureTime) }

// widenAnswer tells pion that the server took every codec of each offered
// section. pion keeps what was negotiated for the connection, not for each
// section: after an answer of VP8 alone it would never offer H264 again. What
// is really sent is the codec that the server's own answer has (see section).
func widenAnswer(answer *description, offer *webrtc.SessionDescription) error {
	if offer == nil {
		return fmt.Errorf("%w: an answer without an offer", ErrInvalidState)
	}
	var offered sdp.SessionDescription
	if err := offered.UnmarshalString(offer.SDP); err != nil {
		return fmt.Errorf("reading the local offer: %w", err)
	}
	byMid := make(map[string]*sdp.MediaDescription, len(offered.MediaDescriptions))
	for _, m := range offered.MediaDescriptions {
		if mid, ok := m.Attribute("mid"); ok {
			byMid[mid] = m
		}
	}
	for _, m := range answer.parsed.MediaDescriptions {
		mid, _ := m.Attribute("mid")
		local := byMid[mid]
		if local == nil || m.MediaName.Media == "application" {
			continue
		}
		m.MediaName.Formats = local.MediaName.Formats
		kept := m.Attributes[:0]
		for _, a := range m.Attributes {
			if !describesCodec(a) && !isCaptureTime(a) {
				kept = append(kept, a)
			}
		}
		for _, a := range local.Attributes {
			// Capture times too are kept for the connection, and are of some senders alone.
			if describesCodec(a) || isCaptureTime(a) {
				kept = append(kept, a)
			}
		}
		m.Attributes = kept
	}

	return nil
}

func describesCodec(a sdp.Attribute) bool {
	return a.Key == "rtpmap" || a.Key == "fmtp" || a.Key == "rtcp-fb"
}
