package feedback

import (
	"context"
	"encoding/binary"
	"sync"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/randutil"
	"github.com/pion/rtcp"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/rtpwire"
)

const (
	// NACKInterval is how often missing packets are looked at, libwebrtc's.
	NACKInterval = 20 * time.Millisecond
	// maxNacks is how often a packet is asked for that does not come, libwebrtc's.
	maxNacks = 10
	// mostMissing is how many packets are asked for at a time. What misses more is
	// no loss, but a stream that begins anew.
	mostMissing = 512
	// GiveUpAfter is how long a packet is asked for: no reader waits for longer.
	GiveUpAfter = 500 * time.Millisecond
)

// NACKs asks for missing packets (RFC 4585 section 6.2.1): at once, and again
// after a round trip as long as somebody may wait for them. It is an
// interceptor of one peer.
//
// pion's own does not learn that a packet came on the stream of retransmissions
// (RFC 4588), and asks for it on and on: most of what a server sent again was
// there already.
type NACKs struct {
	interceptor.NoOp

	start     func(name string, f func(ctx context.Context))
	roundTrip func() time.Duration
	ssrc      uint32
	// news says that something is missing.
	news chan struct{}

	mu      sync.Mutex
	begun   bool
	writer  interceptor.RTCPWriter
	streams map[uint32]*gaps
	// repairs leads from the SSRC of retransmissions to that of the media.
	repairs map[uint32]uint32
}

// NewNACKs makes one of a peer. start runs a goroutine that ends with its context, and roundTrip is 0 until it was measured.
func NewNACKs(start func(name string, f func(ctx context.Context)), roundTrip func() time.Duration) *NACKs {
	return &NACKs{
		start: start, roundTrip: roundTrip, ssrc: randutil.NewMathRandomGenerator().Uint32(),
		news: make(chan struct{}, 1), streams: make(map[uint32]*gaps), repairs: make(map[uint32]uint32),
	}
}

// NewInterceptor implements interceptor.Factory.
func (n *NACKs) NewInterceptor(string) (interceptor.Interceptor, error) { return n, nil }

// SSRC is what this side calls itself in RTCP: it has streams, or none, and one name.
func (n *NACKs) SSRC() uint32 { return n.ssrc }

// RepairedBy tells that the stream repaired is sent again as the stream again.
func (n *NACKs) RepairedBy(repaired, again uint32) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.repairs[again] = repaired
}

// BindRTCPWriter implements interceptor.Interceptor. It counts the NACKs that leave.
func (n *NACKs) BindRTCPWriter(writer interceptor.RTCPWriter) interceptor.RTCPWriter {
	counting := interceptor.RTCPWriterFunc(func(packets []rtcp.Packet, a interceptor.Attributes) (int, error) {
		for _, packet := range packets {
			if nack, ok := packet.(*rtcp.TransportLayerNack); ok {
				n.count(nack.MediaSSRC)
			}
		}

		return writer.Write(packets, a)
	})
	n.mu.Lock()
	defer n.mu.Unlock()
	n.writer = counting

	return counting
}

func (n *NACKs) count(ssrc uint32) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if stream := n.streams[ssrc]; stream != nil {
		stream.sent++
	}
}

// BindRemoteStream implements interceptor.Interceptor.
func (n *NACKs) BindRemoteStream(info *interceptor.StreamInfo, reader interceptor.RTPReader) interceptor.RTPReader {
	ssrc := info.SSRC
	taken := n.takeAgain
	if WantsNACK(info.RTCPFeedback) {
		taken = n.take
		n.mu.Lock()
		n.streams[ssrc] = &gaps{}
		begin := !n.begun
		n.begun = true
		n.mu.Unlock()
		if begin {
			n.start("asking for missing packets", n.run)
		}
	}

	return interceptor.RTPReaderFunc(func(b []byte, a interceptor.Attributes) (int, interceptor.Attributes, error) {
		size, attributes, err := reader.Read(b, a)
		if err == nil {
			taken(ssrc, b[:size], time.Now())
		}

		return size, attributes, err
	})
}

// UnbindRemoteStream implements interceptor.Interceptor.
func (n *NACKs) UnbindRemoteStream(info *interceptor.StreamInfo) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.streams, info.SSRC)
	delete(n.repairs, info.SSRC)
}

// WantsNACK says whether missing packets are asked for, as far as was negotiated.
func WantsNACK(all []interceptor.RTCPFeedback) bool {
	for _, feedback := range all {
		if feedback.Type == "nack" && feedback.Parameter == "" {
			return true
		}
	}

	return false
}

func (n *NACKs) take(ssrc uint32, packet []byte, now time.Time) {
	if _, _, ok := rtpwire.Sizes(packet); !ok {
		return
	}
	if !n.note(ssrc, binary.BigEndian.Uint16(packet[2:]), now) {
		return
	}
	select {
	case n.news <- struct{}{}:
	default:
	}
}

// note reports whether packets are missing that were not before.
func (n *NACKs) note(ssrc uint32, sequence uint16, now time.Time) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	stream := n.streams[ssrc]

	return stream != nil && stream.follow(sequence, now)
}

// takeAgain reads the original sequence number (RFC 4588 section 4).
func (n *NACKs) takeAgain(ssrc uint32, packet []byte, now time.Time) {
	header, payload, ok := rtpwire.Sizes(packet)
	if !ok || payload < 2 {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if stream := n.streams[n.repairs[ssrc]]; stream != nil {
		stream.take(binary.BigEndian.Uint16(packet[header:]), now)
	}
}

// Sent counts the NACKs that were sent about a stream.
func (n *NACKs) Sent(ssrc uint32) uint64 {
	n.mu.Lock()
	defer n.mu.Unlock()
	if stream := n.streams[ssrc]; stream != nil {
		return stream.sent
	}

	return 0
}

// run costs nothing while nothing is missing.
func (n *NACKs) run(ctx context.Context) {
	for {
		select {
		case <-n.news:
		case <-ctx.Done():
			return
		}
		ticker := time.NewTicker(NACKInterval)
		for n.ask(time.Now()) {
			select {
			case <-ticker.C:
			case <-n.news:
			case <-ctx.Done():
				ticker.Stop()

				return
			}
		}
		ticker.Stop()
	}
}

// ask reports whether anything is still missing.
func (n *NACKs) ask(now time.Time) bool {
	again := RepairTime(n.roundTrip())
	var packets []rtcp.Packet
	missing := false
	n.mu.Lock()
	writer := n.writer
	for ssrc, stream := range n.streams {
		if due := stream.due(now, again); len(due) > 0 {
			packets = append(packets, &rtcp.TransportLayerNack{
				SenderSSRC: n.ssrc, MediaSSRC: ssrc, Nacks: rtcp.NackPairsFromSequenceNumbers(due),
			})
		}
		missing = missing || len(stream.missing) > 0
	}
	n.mu.Unlock()
	if writer != nil {
		for _, packet := range packets {
			_, _ = writer.Write([]rtcp.Packet{packet}, interceptor.Attributes{})
		}
	}

	return missing
}

// RepairTime is for how long a packet that was asked for is on its way, with
// some more: a server sends nothing twice in a round trip.
func RepairTime(roundTrip time.Duration) time.Duration {
	return max(roundTrip+roundTrip/4, NACKInterval)
}
