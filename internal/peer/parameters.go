package peer

import (
	"fmt"
	"strings"

	"github.com/pion/interceptor"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/rtpwire"
)

// Parameters are what a server and this side have agreed on for the streams of
// one track: mediasoup's RtpParameters, without their encodings.
type Parameters struct {
	// Mid names the track in the header extension of RFC 9143.
	Mid   string
	Codec media.Codec
	// PayloadType is the codec's, RTXPayloadType that of its retransmissions (RFC 4588);
	// 0 is none.
	PayloadType, RTXPayloadType uint8
	Extensions                  []interceptor.RTPHeaderExtension
	Feedback                    []interceptor.RTCPFeedback
}

// check refuses what can't be sent or received.
func (p Parameters) check(kind media.Kind) error {
	if p.Codec.MimeType == "" || p.Codec.ClockRate == 0 {
		return fmt.Errorf("%w: there is no codec", ErrUnsupportedCodec)
	}
	if !strings.HasPrefix(strings.ToLower(p.Codec.MimeType), kind.String()+"/") {
		return fmt.Errorf("%w: %s is not %s", ErrUnsupportedCodec, p.Codec.MimeType, kind)
	}
	for _, e := range p.Extensions {
		// RFC 8285 section 4.3: what two bytes hold.
		if e.ID < 1 || e.ID > 255 {
			return fmt.Errorf("%w: header extension %s of number %d", ErrInvalidArgument, e.URI, e.ID)
		}
	}

	return nil
}

// extension is the number of a header extension; 0 is none.
func (p Parameters) extension(uri string) uint8 { return rtpwire.ExtensionID(p.Extensions, uri) }

// stream is an RTP stream of them as interceptors know one.
func (p Parameters) stream(ssrc, rtx uint32) *interceptor.StreamInfo {
	info := &interceptor.StreamInfo{
		SSRC: ssrc, PayloadType: p.PayloadType,
		MimeType: p.Codec.MimeType, ClockRate: p.Codec.ClockRate, Channels: p.Codec.Channels,
		SDPFmtpLine: p.Codec.Parameters, RTPHeaderExtensions: p.Extensions, RTCPFeedback: p.Feedback,
	}
	if p.RTXPayloadType != 0 {
		info.SSRCRetransmission, info.PayloadTypeRetransmission = rtx, p.RTXPayloadType
	}

	return info
}
