package sending

import (
	"github.com/pion/interceptor"
	"github.com/pion/rtp"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/rtpwire"
)

// RepairedRid names the stream that a retransmitted packet repairs. pion sends a
// packet again with the header that it had, whose rid would say that the stream
// of retransmissions is the encoding itself (RFC 8852 section 3).
type RepairedRid struct{ interceptor.NoOp }

// NewInterceptor implements interceptor.Factory.
func (r *RepairedRid) NewInterceptor(string) (interceptor.Interceptor, error) { return r, nil }

// BindLocalStream implements interceptor.Interceptor.
func (r *RepairedRid) BindLocalStream(info *interceptor.StreamInfo, writer interceptor.RTPWriter) interceptor.RTPWriter {
	rid := rtpwire.ExtensionID(info.RTPHeaderExtensions, rtpwire.RidURI)
	repaired := rtpwire.ExtensionID(info.RTPHeaderExtensions, rtpwire.RepairedRidURI)
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
