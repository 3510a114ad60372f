package sending

import (
	"slices"
	"strings"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtp"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/congestion"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/rtpwire"
)

// Way is where packets leave. It keeps nothing of them, and writes nothing before it is open. Those of a burst may
// leave together at its end, which says how many of them were lost.
type Way interface {
	BeginBurst()
	WriteRTP(header *rtp.Header, payload []byte) (int, error)
	EndBurst() (lost int)
}

// pacedStream is one stream of RTP and its retransmissions. Its Control's mu guards what changes.
type pacedStream struct {
	control *Control

	ssrc, rtxSSRC               uint32
	payloadType, rtxPayloadType uint8
	sound                       bool
	// answers says that the server asks for what it misses.
	answers  bool
	ids      extensionIDs
	mid, rid []byte

	history history
	// rtxSequence numbers what is sent again, rtxSent counts it.
	rtxSequence uint16
	rtxSent     uint64
	// padding is a recent packet, which a probe sends again.
	padding packet

	counts       Paced
	sent, resent rtpwire.Traffic
}

// Paced is what left.
type Paced struct {
	// Bytes are those of whole RTP packets, repairs and padding included.
	Bytes uint64
	// Delay is W3C's totalPacketSendDelay.
	Delay time.Duration
	// refused is what would have waited for too long.
	refused uint64
}

// bind begins a stream as info says.
func (s *Control) bind(info *interceptor.StreamInfo, mid, rid string) *pacedStream {
	stream := &pacedStream{
		control: s,
		ssrc:    info.SSRC, payloadType: info.PayloadType,
		rtxSSRC: info.SSRCRetransmission, rtxPayloadType: info.PayloadTypeRetransmission,
		sound: strings.HasPrefix(strings.ToLower(info.MimeType), "audio/"),
		answers: slices.ContainsFunc(info.RTCPFeedback, func(f interceptor.RTCPFeedback) bool {
			return f.Type == "nack" && f.Parameter == ""
		}),
		ids: newExtensionIDs(info.RTPHeaderExtensions), mid: []byte(mid), rid: []byte(rid),
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.streams[info.SSRC] = stream
	// A server without transport-wide feedback estimates from the time of sending (REMB).
	s.controlled = s.controlled || stream.ids.sequence != 0 || stream.ids.sendTime != 0 && !stream.sound

	return stream
}

// unbind ends the stream, and drops what of it waits.
func (p *pacedStream) unbind() {
	s := p.control
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.streams[p.ssrc] == p {
		delete(s.streams, p.ssrc)
	}
	s.pacer.Drop(func(queued queuedPacket) bool { return queued.stream == p })
}

// Paced is what was sent of a stream: of its packets alone, and with what was
// sent again.
func (s *Control) Paced(ssrc uint32) Paced {
	s.mu.Lock()
	defer s.mu.Unlock()
	if stream := s.streams[ssrc]; stream != nil {
		return stream.counts
	}

	return Paced{}
}

// Sent is what has left of a stream, with its header extensions, and what of it was sent again. Padding is in neither.
func (s *Control) Sent(ssrc uint32) (sent, again rtpwire.Traffic) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if stream := s.streams[ssrc]; stream != nil {
		return stream.sent, stream.resent
	}

	return sent, again
}

func (p *pacedStream) hasRTX() bool { return p.rtxSSRC != 0 && p.rtxPayloadType != 0 }

// fate is what became of a packet.
type fate uint8

const (
	// refused packets were left out, or there was no way yet.
	refused fate = iota
	leaves
	waits
)

// writeAll writes the packets of a frame, and counts those that were not refused, and the bytes of their payloads.
func (p *pacedStream) writeAll(packets []packet, now time.Time) (taken, bytes int) {
	s := p.control
	s.mu.Lock()
	defer s.mu.Unlock()
	s.giveUp(now)
	s.begin(len(packets))
	defer s.end()
	for i := range packets {
		if p.write(&packets[i], original, now) != refused {
			taken++
			bytes += len(packets[i].payload)
		}
	}

	return taken, bytes
}

// write sends a packet, now or in its turn, with the control's mu held. It does not wait.
func (p *pacedStream) write(one *packet, as purpose, now time.Time) fate {
	s := p.control
	if !s.controlled && s.pacer.Empty() || p.sound || s.closed.Load() || s.pacer.Ready(now) {
		return p.send(one, as, now)
	}
	priority := congestion.Picture
	if as == repair {
		priority = congestion.Repair
	}
	size := headerRoom + len(one.dependencies) + len(one.payload)
	if !s.pacer.Add(queuedPacket{*one, p, as, now}, size, priority, now) {
		p.counts.refused++

		return refused
	}
	s.wake()

	return waits
}

// send gives a packet the number and the time with which it leaves, with the
// control's mu held.
func (p *pacedStream) send(packet *packet, as purpose, now time.Time) fate {
	s := p.control
	header, payload := s.headers.of(p, packet, as, now), packet.payload
	switch {
	case as == original:
		p.keep(packet, now)
	case p.hasRTX():
		payload = s.headers.again(packet)
		p.rtxSequence++
		p.rtxSent++
	}
	if as == repair {
		s.repairBytes += uint64(len(payload))
		p.history.repaired(packet.sequence, now)
	}
	if s.controlled {
		s.estimator.Begun(now)
	}
	headerSize := header.MarshalSize()
	size := headerSize + len(payload)
	counted := s.pacer.Sent
	if p.sound {
		counted = s.pacer.Passed
	}
	probe := counted(size, now)
	if p.ids.sequence != 0 {
		s.headers.numbered(s.estimator.Sent(size, probe, now))
	}
	p.counts.Bytes += uint64(size) //nolint:gosec // never negative
	// A lost connection is told by the connection's state, not by every packet.
	if n, err := s.way.WriteRTP(header, payload); err != nil || n == 0 {
		return refused
	}
	if s.bursting {
		s.burst = append(s.burst, leaving{p, as, len(payload), headerSize})
	} else {
		p.count(as, len(payload), headerSize)
	}

	return leaves
}

// count counts a packet that has left.
func (p *pacedStream) count(as purpose, payload, header int) {
	switch as {
	case original:
		p.sent.Add(payload, header)
	case repair:
		p.resent.Add(payload, header)
	case padding:
	}
}

// keep remembers a packet, to be sent again and to pad with. Small ones are not worth that.
func (p *pacedStream) keep(packet *packet, now time.Time) {
	if p.answers {
		p.history.add(packet, now, p.control.keptFor())
	}
	if !p.sound && p.hasRTX() && 2*len(packet.payload) >= len(p.padding.payload) {
		p.padding = *packet
	}
}
