package peer

import (
	"cmp"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/pion/randutil"
	"github.com/pion/rtcp"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/sending"
)

// writeRTCP fails before DTLS is up.
func (p *Peer) writeRTCP(packets ...rtcp.Packet) error {
	_, err := p.control.Write(packets, nil)

	return err
}

// startStreams starts those that wait. Nothing can be sent before the handshake
// is over: the first keyframe would be lost.
func (p *Peer) startStreams() error {
	var errs []error
	for _, r := range p.listReceivers() {
		errs = append(errs, r.hear())
	}
	for _, s := range p.listSenders() {
		errs = append(errs, s.ready())
	}

	return errors.Join(errs...)
}

// listReceivers has them in the order in which they were made.
func (p *Peer) listReceivers() []*Receiver {
	p.mu.Lock()
	defer p.mu.Unlock()

	return slices.SortedFunc(maps.Keys(p.receivers), func(a, b *Receiver) int { return cmp.Compare(a.number, b.number) })
}

// listSenders has them in the order in which they were made.
func (p *Peer) listSenders() []*Sender {
	p.mu.Lock()
	defer p.mu.Unlock()

	return slices.SortedFunc(maps.Keys(p.senders), func(a, b *Sender) int { return cmp.Compare(a.number, b.number) })
}

// listStreams are those of the senders.
func (p *Peer) listStreams() []*sending.Stream {
	var streams []*sending.Stream
	for _, s := range p.listSenders() {
		for _, l := range s.layers {
			streams = append(streams, l.out)
		}
	}

	return streams
}

// newSSRC is none that anything is received of; of the random ones none comes twice.
func (p *Peer) newSSRC() uint32 {
	// mediasoup's probator has 1234, and small numbers are the likeliest to have a meaning.
	const least = 1 << 16
	for {
		if ssrc := randutil.NewMathRandomGenerator().Uint32(); ssrc >= least && !p.streams.taken(ssrc) {
			return ssrc
		}
	}
}

// receptionReports are of the streams that something came of since the last ones.
func (p *Peer) receptionReports(now time.Time) []rtcp.ReceptionReport {
	var blocks []rtcp.ReceptionReport
	for _, r := range p.listReceivers() {
		if block, ok := r.arrivals.ReceptionReport(now); ok {
			block.SSRC = r.options.Stream.SSRC
			blocks = append(blocks, block)
		}
	}

	return blocks
}

// sendReports is writeRTCP whose failures are known otherwise: by the connection's state.
func (p *Peer) sendReports(packets ...rtcp.Packet) error {
	err := p.writeRTCP(packets...)
	if err != nil {
		p.log.Debugf("sending reports: %v", err)
	}

	return err
}
