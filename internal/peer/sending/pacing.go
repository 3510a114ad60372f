package sending

import (
	"encoding/binary"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtp"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/congestion"
)

// queuedPacket is a packet that waits, and belongs to the queue.
type queuedPacket struct {
	stream  *pacedStream
	header  *rtp.Header
	payload []byte
	since   time.Time
}

// headroom is what the header extensions that are written here take.
const headroom = 12

// paddingKey is the attribute of a packet that is of no use but to a probe.
type paddingKey struct{}

// write sends a packet, now or in its turn. It does not wait.
func (p *pacedStream) write(header *rtp.Header, payload []byte, attributes interceptor.Attributes) (int, error) {
	s := p.side
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	s.giveUp(now)
	repair := p.rtxSSRC != 0 && header.SSRC == p.rtxSSRC
	if repair && s.controlled && !p.mayRepair(payload, now) {
		p.counts.refused++

		return 0, nil
	}
	if repair {
		// pion keeps this header for the next time, and shares it.
		own := header.Clone()
		header = &own
	}
	if !s.controlled && s.pacer.Empty() || p.sound || s.closed.Load() || s.pacer.Ready(now) {
		return p.send(header, payload, attributes, now)
	}
	size := header.MarshalSize() + headroom + len(payload)
	priority := congestion.Picture
	if repair {
		priority = congestion.Repair
	}
	clone := header.Clone()
	// The responder uses the memory of a repair again.
	packet := queuedPacket{stream: p, header: &clone, payload: append([]byte(nil), payload...), since: now}
	if !s.pacer.Add(packet, size, priority, now) {
		p.counts.refused++

		return 0, nil
	}
	s.wake()

	return size, nil
}

// send gives a packet the number and the time with which it leaves, with the
// side's mu held.
func (p *pacedStream) send(
	header *rtp.Header, payload []byte, attributes interceptor.Attributes, now time.Time,
) (int, error) {
	s := p.side
	if p.rtxSSRC != 0 && header.SSRC == p.rtxSSRC {
		header.SequenceNumber = p.rtxSequence
		p.rtxSequence++
		if attributes.Get(paddingKey{}) == nil {
			s.repairBytes += uint64(len(payload))
		}
	} else if !p.sound {
		p.keep(header, payload)
	}
	if s.controlled {
		s.estimator.Begun(now)
	}
	if p.timeID != 0 {
		if value, err := rtp.NewAbsSendTimeExtension(now).Marshal(); err == nil {
			_ = header.SetExtension(p.timeID, value)
		}
	}
	if p.sequenceID != 0 {
		// Its size counts.
		_ = header.SetExtension(p.sequenceID, []byte{0, 0})
	}
	size := header.MarshalSize() + len(payload)
	probe := s.pacer.Sent(size, now)
	if p.sequenceID != 0 {
		sequence := s.estimator.Sent(size, probe, now)
		_ = header.SetExtension(p.sequenceID, binary.BigEndian.AppendUint16(nil, sequence))
	}
	p.counts.Bytes += uint64(size) //nolint:gosec // never negative

	return p.writer.Write(header, payload, attributes)
}

// keep remembers a packet to pad with. Small ones are not worth it.
func (p *pacedStream) keep(header *rtp.Header, payload []byte) {
	if p.rtxSSRC == 0 || p.rtxPayloadType == 0 {
		return
	}
	p.mid, p.rid = extensionOr(header, p.midID, p.mid), extensionOr(header, p.ridID, p.rid)
	if 2*len(payload) < len(p.padding.payload) {
		return
	}
	p.padding = paddingPacket{header: *header, payload: payload}
	p.padding.header.Extensions = append([]rtp.Extension(nil), header.Extensions...)
}

// extensionOr is what a header extension holds, or else what one held before.
func extensionOr(header *rtp.Header, id uint8, before []byte) []byte {
	if id == 0 {
		return nil
	}
	if value := header.GetExtension(id); value != nil {
		return value
	}

	return before
}

// pad sends a recent packet again (RFC 4588), which a receiver that has it drops.
func (p *pacedStream) pad(now time.Time) {
	header := p.padding.header.Clone()
	payload := binary.BigEndian.AppendUint16(make([]byte, 0, 2+len(p.padding.payload)), header.SequenceNumber)
	header.SSRC, header.PayloadType = p.rtxSSRC, p.rtxPayloadType
	// The server may not know the stream of repairs yet (RFC 8852 section 3).
	if p.mid != nil {
		_ = header.SetExtension(p.midID, p.mid)
	}
	if p.rid != nil && p.repairedRidID != 0 {
		_ = header.DelExtension(p.ridID)
		_ = header.SetExtension(p.repairedRidID, p.rid)
	}
	_, _ = p.send(&header, append(payload, p.padding.payload...), interceptor.Attributes{paddingKey{}: true}, now)
}

// probe begins what the estimator wants to know, with mu held.
func (s *Control) probe(now time.Time) {
	if !s.controlled || s.closed.Load() || s.pacer.Probing() || s.padded() == nil {
		return
	}
	if probe, ok := s.estimator.Probe(now); ok {
		s.pacer.Begin(probe)
		s.wake()
	}
}

// padded is a stream to pad with.
func (s *Control) padded() *pacedStream {
	for _, stream := range s.streams {
		if len(stream.padding.payload) > 0 {
			return stream
		}
	}

	return nil
}

// wake starts sending what waits, with mu held. There is no goroutine where
// nothing does.
func (s *Control) wake() {
	if !s.running {
		s.running = true
		s.start("pacing", s.sendWaiting)
	}
}

func (s *Control) sendWaiting(done <-chan struct{}) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-timer.C:
		case <-done:
			return
		}
		wait, ok := s.sendDue()
		if !ok {
			return
		}
		timer.Reset(wait)
	}
}

// sendDue sends what may leave now, and tells when more may; false that nothing
// waits.
func (s *Control) sendDue() (time.Duration, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	for !s.closed.Load() {
		packet, ok, padding := s.pacer.Next(now)
		if !ok && !padding {
			break
		}
		if ok {
			packet.stream.counts.Delay += now.Sub(packet.since)
			_, _ = packet.stream.send(packet.header, packet.payload, interceptor.Attributes{}, now)

			continue
		}
		stream := s.padded()
		if stream == nil {
			s.pacer.Stop()

			break
		}
		stream.pad(now)
		if !s.pacer.Probing() {
			s.probe(now)
		}
	}
	wait, ok := s.pacer.Wait(now)
	if !ok || s.closed.Load() {
		s.running = false

		return 0, false
	}

	return wait, true
}
