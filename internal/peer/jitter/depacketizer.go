package jitter

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/pion/rtp/codecs"
	"github.com/pion/webrtc/v4"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/rtpwire"
)

// depacketizer takes the payloads of RTP packets, in order, apart.
type depacketizer struct {
	// unpack gives what a payload adds to its frame. It may keep parts for the
	// next one: after a hole a new depacketizer is needed.
	unpack func(payload []byte) ([]byte, error)
	// begins says that a payload is certainly the first of a frame; of codecs that
	// do not tell, of a frame that may be a keyframe.
	begins func(payload []byte) bool
	// keyframe says that a whole frame is one. Frames are never empty.
	keyframe func(frame []byte) bool
	// layers are those of a whole frame, whose last payload is given too.
	layers func(frame, payload []byte) (spatial, temporal int)
	// index is what decoders want behind a whole frame; nil is nothing.
	index func(frame []byte) []byte
}

// newDepacketizer makes one of a codec. Pictures of VP9 and AV1 with spatial
// layers are one frame each, of all their layers in order, as decoders take them.
func newDepacketizer(codec media.Codec) (depacketizer, error) {
	switch strings.ToLower(codec.MimeType) {
	case strings.ToLower(webrtc.MimeTypeVP8):
		return depacketizer{
			unpack:   func(p []byte) ([]byte, error) { return (&codecs.VP8Packet{}).Unmarshal(p) },
			begins:   beginsVP8,
			keyframe: func(frame []byte) bool { return frame[0]&1 == 0 }, // RFC 6386 section 9.1
			layers:   layersInVP8,
		}, nil
	case strings.ToLower(webrtc.MimeTypeVP9):
		layers := &vp9Superframe{}

		return depacketizer{
			unpack: layers.unpack, begins: beginsVP9, keyframe: rtpwire.IsVP9Keyframe, layers: layersInVP9, index: layers.index,
		}, nil
	case strings.ToLower(webrtc.MimeTypeH264):
		return depacketizer{unpack: (&codecs.H264Packet{}).Unmarshal, begins: beginsH264, keyframe: isH264Keyframe, layers: noLayers}, nil
	case strings.ToLower(webrtc.MimeTypeH265):
		return depacketizer{unpack: (&codecs.H265Depacketizer{}).Unmarshal, begins: beginsH265, keyframe: isH265Keyframe, layers: noLayers}, nil
	case strings.ToLower(webrtc.MimeTypeAV1):
		return depacketizer{unpack: (&codecs.AV1Depacketizer{}).Unmarshal, begins: beginsAV1, keyframe: isAV1Keyframe, layers: layersInAV1}, nil
	}
	if strings.HasPrefix(strings.ToLower(codec.MimeType), "audio/") {
		always := func([]byte) bool { return true }

		return depacketizer{unpack: func(p []byte) ([]byte, error) { return p, nil }, begins: always, keyframe: always, layers: noLayers}, nil
	}

	return depacketizer{}, fmt.Errorf("%w: %s", rtpwire.ErrUnsupportedCodec, codec.MimeType)
}

// beginsVP8 reads S and PID (RFC 7741 section 4.2).
func beginsVP8(payload []byte) bool { return len(payload) > 0 && payload[0]&0x17 == 0x10 }

// beginsVP9 reads B, and the layer where there are layers (RFC 9628 section 4.2).
func beginsVP9(payload []byte) bool {
	p := codecs.VP9Packet{}
	_, err := p.Unmarshal(payload)

	return err == nil && p.B && p.SID == 0
}

// beginsAV1 reads N, which only keyframes have (AV1 RTP section 4.4).
func beginsAV1(payload []byte) bool { return len(payload) > 0 && payload[0]&0x88 == 0x08 }

// Types of NAL units (ITU-T H.264 table 7-1, H.265 table 7-1) and of RTP payloads
// (RFC 6184 section 5.2, RFC 7798 section 4.4).
const (
	h264IDR, h264SPS, h264AUD, h264STAPA = 5, 7, 9, 24

	h265FirstIRAP, h265LastIRAP               = 16, 23
	h265VPS, h265SPS, h265AUD, h265Aggregated = 32, 33, 35, 48
)

// beginsH264 looks for what only comes first.
func beginsH264(payload []byte) bool {
	if len(payload) > 3 && payload[0]&0x1f == h264STAPA {
		payload = payload[3:]
	}
	if len(payload) == 0 {
		return false
	}
	kind := payload[0] & 0x1f

	return kind == h264SPS || kind == h264AUD
}

// beginsH265 looks for what only comes first.
func beginsH265(payload []byte) bool {
	if len(payload) > 4 && payload[0]>>1&0x3f == h265Aggregated {
		payload = payload[4:]
	}
	if len(payload) == 0 {
		return false
	}
	kind := payload[0] >> 1 & 0x3f

	return kind == h265VPS || kind == h265SPS || kind == h265AUD
}

// isAV1Keyframe looks for a sequence header at the beginning (AV1 RTP section 5).
func isAV1Keyframe(frame []byte) bool { return frame[0]>>3&15 == 1 }

// isH264Keyframe looks for an IDR slice in Annex B.
func isH264Keyframe(frame []byte) bool {
	return hasUnit(frame, func(header byte) bool { return header&0x1f == h264IDR })
}

// isH265Keyframe looks for a slice of a random access picture in Annex B.
func isH265Keyframe(frame []byte) bool {
	return hasUnit(frame, func(header byte) bool {
		kind := header >> 1 & 0x3f

		return kind >= h265FirstIRAP && kind <= h265LastIRAP
	})
}

// hasUnit looks at the first bytes of the NAL units of Annex B.
func hasUnit(frame []byte, wanted func(header byte) bool) bool {
	for {
		at := bytes.Index(frame, []byte{0, 0, 1})
		if at < 0 || at+3 >= len(frame) {
			return false
		}
		if wanted(frame[at+3]) {
			return true
		}
		frame = frame[at+3:]
	}
}
