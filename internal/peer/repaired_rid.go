package peer

import (
	"github.com/pion/interceptor"
	"github.com/pion/rtp"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/rtpwire"
)

// repairedRid names the stream that a retransmitted packet repairs. pion sends a
// packet again with the header that it had, whose rid would say that the stream
// of retransmissions is the encoding itself (RFC 8852 section 3).
type repairedRid struct{ interceptor.NoOp }

// NewInterceptor implements interceptor.Factory.
func (r *repairedRid) NewInterceptor(string) (interceptor.Interceptor, error) { return r, nil }

// BindLocalStream implements interceptor.Interceptor.
func (r *repairedRid) BindLocalStream(info *interceptor.StreamInfo, writer interceptor.RTPWriter) interceptor.RTPWriter {
	var rid, repaired uint8
	for _, e := range info.RTPHeaderExtensions {
		switch e.URI {
		case rtpwire.RidURI:
			rid = uint8(e.ID) //nolint:gosec // at most 255 (RFC 8285)
		case rtpwire.RepairedRidURI:
			repaired = uint8(e.ID) //nolint:gosec // at most 255 (RFC 8285)
		}
	}
	rtx := info.SSRCRetransmission
	if rid == 0 || rtx == 0 {
		return writer
	}

	return interceptor.RTPWriterFunc(func(header *rtp.Header, payload []byte, a interceptor.Attributes) (int, error) {
		if header.SSRC != rtx {
			return writer.Write(header, payload, a)
		}
		name := header.GetExtension(rid)
		if name == nil {
			return writer.Write(header, payload, a)
		}
		// The header is kept, for the next time that the packet is asked for.
		own := header.Clone()
		_ = own.DelExtension(rid)
		if repaired != 0 {
			_ = own.SetExtension(repaired, name)
		}

		return writer.Write(&own, payload, a)
	})
}
