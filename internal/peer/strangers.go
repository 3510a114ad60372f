package peer

import (
	"context"
	"fmt"
	"sync"
)

// What a server may send that nobody has asked for. Of each of these pion keeps something until the connection ends:
// half a kilobyte of an SSRC, some of a data channel that the server opens, or of an address that it asks from. mediasoup
// does none of it but for a moment, before a consumer is known here and after it was closed.
const (
	mostStrangeSSRCs     = 16_384
	mostStrangeChannels  = 64
	mostStrangeAddresses = 256
)

// errFlooded is the ErrClosed of a connection whose server has sent more than it may.
var errFlooded = fmt.Errorf("%w: the server sends what nobody has asked for", ErrClosed)

// strangers are what a server has sent that nobody has asked for. tooMany is called, once, where that is too much.
type strangers struct {
	tooMany func(what string)
	once    sync.Once

	mu    sync.Mutex
	ssrcs map[uint32]struct{}
	// asked were asked for once: what comes of them after they were closed is late, not strange.
	asked     map[uint32]struct{}
	addresses map[string]struct{}
	channels  int
}

func newStrangers(tooMany func(what string)) *strangers {
	return &strangers{
		tooMany: tooMany,
		ssrcs:   make(map[uint32]struct{}), asked: make(map[uint32]struct{}), addresses: make(map[string]struct{}),
	}
}

func (s *strangers) count(what string, add func() (tooMany bool)) {
	s.mu.Lock()
	tooMany := add()
	s.mu.Unlock()
	if tooMany {
		s.once.Do(func() { s.tooMany(what) })
	}
}

// ssrc notes a stream that comes.
func (s *strangers) ssrc(ssrc uint32) {
	s.count("SSRCs", func() bool {
		if _, known := s.asked[ssrc]; !known {
			s.ssrcs[ssrc] = struct{}{}
		}

		return len(s.ssrcs) > mostStrangeSSRCs
	})
}

// known notes a stream that is asked for: it is strange no more, nor when it is closed.
func (s *strangers) known(ssrc uint32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.ssrcs, ssrc)
	s.asked[ssrc] = struct{}{}
}

// channel notes a data channel: those of mediasoup are negotiated.
func (s *strangers) channel() {
	s.count("data channels", func() bool {
		s.channels++

		return s.channels > mostStrangeChannels
	})
}

// address notes where a question of ICE came from: mediasoup asks none.
func (s *strangers) address(from string) {
	s.count("addresses", func() bool {
		if len(s.addresses) <= mostStrangeAddresses {
			s.addresses[from] = struct{}{}
		}

		return len(s.addresses) > mostStrangeAddresses
	})
}

// flooded ends the connection.
func (p *Peer) flooded(what string) {
	p.isFlooded.Store(true)
	p.log.Errorf("the server sends more %s than anybody has asked for: the connection ends", what)
	p.start("leaving a server that floods", func(context.Context) { _ = p.pc.Close() })
}
