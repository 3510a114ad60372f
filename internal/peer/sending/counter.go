package sending

import (
	"sync"

	"github.com/pion/interceptor"
	"github.com/pion/rtp"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/rtpwire"
)

// Counter counts what only an interceptor sees: packets as they leave, with what was
// written into their headers on the way. It belongs to one peer.
type Counter struct {
	interceptor.NoOp

	mu sync.Mutex
	// These are kept by the SSRC of the media. What was sent again is not in sent.
	sent, resent map[uint32]rtpwire.Traffic
}

// NewCounter makes one of a peer.
func NewCounter() *Counter {
	return &Counter{sent: make(map[uint32]rtpwire.Traffic), resent: make(map[uint32]rtpwire.Traffic)}
}

// NewInterceptor implements interceptor.Factory.
func (c *Counter) NewInterceptor(string) (interceptor.Interceptor, error) { return c, nil }

// BindLocalStream implements interceptor.Interceptor.
func (c *Counter) BindLocalStream(info *interceptor.StreamInfo, writer interceptor.RTPWriter) interceptor.RTPWriter {
	var started bool
	var newest uint16
	return interceptor.RTPWriterFunc(func(header *rtp.Header, payload []byte, a interceptor.Attributes) (int, error) {
		n, err := writer.Write(header, payload, a)
		if a.Get(paddingKey{}) != nil {
			return n, err
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		again := header.SSRC != info.SSRC
		if !again {
			// Without RTX packets are sent again as they were.
			again = started && int16(header.SequenceNumber-newest) <= 0 //nolint:gosec // modulo 2^16 is meant
			if !again {
				started, newest = true, header.SequenceNumber
			}
		}
		if err != nil || n == 0 {
			return n, err
		}
		counts := c.sent
		if again {
			counts = c.resent
		}
		all := counts[info.SSRC]
		all.Packets++
		all.Bytes += uint64(len(payload))
		all.Headers += uint64(header.MarshalSize()) //nolint:gosec // never negative
		counts[info.SSRC] = all

		return n, nil
	})
}

// UnbindLocalStream implements interceptor.Interceptor.
func (c *Counter) UnbindLocalStream(info *interceptor.StreamInfo) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.sent, info.SSRC)
	delete(c.resent, info.SSRC)
}

// Sent is what has left of a stream, and what of it was sent again.
func (c *Counter) Sent(ssrc uint32) (sent, again rtpwire.Traffic) {
	c.mu.Lock()
	defer c.mu.Unlock()

	return c.sent[ssrc], c.resent[ssrc]
}
