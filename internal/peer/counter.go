package peer

import (
	"sync"
	"sync/atomic"

	"github.com/pion/interceptor"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
)

// counter counts what only an interceptor sees: packets as they leave, with what was
// written into their headers on the way, and NACKs. It belongs to one peer.
type counter struct {
	interceptor.NoOp

	// channelsOpened and channelsClosed are W3C's RTCPeerConnectionStats.
	channelsOpened, channelsClosed atomic.Uint64

	mu sync.Mutex
	// These are kept by the SSRC of the media. What was sent again is not in sent.
	sent, resent map[uint32]traffic
	nacks        map[uint32]uint64
}

// traffic is a number of packets and the bytes of their payloads and headers.
type traffic struct{ packets, bytes, headers uint64 }

func newCounter() *counter {
	return &counter{
		sent: make(map[uint32]traffic), resent: make(map[uint32]traffic), nacks: make(map[uint32]uint64),
	}
}

// NewInterceptor implements interceptor.Factory.
func (c *counter) NewInterceptor(string) (interceptor.Interceptor, error) { return c, nil }

// BindRTCPWriter implements interceptor.Interceptor.
func (c *counter) BindRTCPWriter(writer interceptor.RTCPWriter) interceptor.RTCPWriter {
	return interceptor.RTCPWriterFunc(func(packets []rtcp.Packet, a interceptor.Attributes) (int, error) {
		for _, packet := range packets {
			if nack, ok := packet.(*rtcp.TransportLayerNack); ok {
				c.mu.Lock()
				c.nacks[nack.MediaSSRC]++
				c.mu.Unlock()
			}
		}

		return writer.Write(packets, a)
	})
}

// BindLocalStream implements interceptor.Interceptor.
func (c *counter) BindLocalStream(info *interceptor.StreamInfo, writer interceptor.RTPWriter) interceptor.RTPWriter {
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
		all.packets++
		all.bytes += uint64(len(payload))
		all.headers += uint64(header.MarshalSize()) //nolint:gosec // never negative
		counts[info.SSRC] = all

		return n, nil
	})
}

// UnbindLocalStream implements interceptor.Interceptor.
func (c *counter) UnbindLocalStream(info *interceptor.StreamInfo) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.sent, info.SSRC)
	delete(c.resent, info.SSRC)
}

// forget is told of a stream that is not received any more.
func (c *counter) forget(ssrc uint32) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.nacks, ssrc)
}

// sentOf is what has left of a stream, and what of it was sent again.
func (c *counter) sentOf(ssrc uint32) (sent, again traffic) {
	c.mu.Lock()
	defer c.mu.Unlock()

	return c.sent[ssrc], c.resent[ssrc]
}

// nacksFor counts the NACKs that were sent about a stream.
func (c *counter) nacksFor(ssrc uint32) uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()

	return c.nacks[ssrc]
}

// channel counts a change of a data channel's state.
func (c *counter) channel(from, to string) {
	switch {
	case to == ChannelOpen:
		c.channelsOpened.Add(1)
	case to == ChannelClosed && from != ChannelConnecting:
		c.channelsClosed.Add(1)
	}
}
