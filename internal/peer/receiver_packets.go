package peer

import (
	"encoding/binary"
	"time"

	"github.com/pion/rtcp"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/feedback"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/rtpwire"
)

// take gets each packet of the stream.
func (r *Receiver) take(packet []byte, now time.Time) {
	if _, _, err := r.seen.Read(packet, nil); err == nil {
		r.accept(packet, false, now)
	}
}

// takeAgain gets each packet of the stream of retransmissions, and makes of it the one
// that it was (RFC 4588 section 4).
func (r *Receiver) takeAgain(packet []byte, now time.Time) {
	const sequenceSize = 2
	if _, _, err := r.seenAgain.Read(packet, nil); err != nil {
		return
	}
	header, payload, ok := rtpwire.Sizes(packet)
	// A probe of bandwidth has no packet in it.
	if !ok || payload < sequenceSize || packet[1]&0x7f != r.options.RTXPayloadType {
		return
	}
	packet[1] = packet[1]&0x80 | r.options.PayloadType
	copy(packet[2:4], packet[header:header+sequenceSize])
	binary.BigEndian.PutUint32(packet[8:], r.options.Stream.SSRC)
	copy(packet[header:], packet[header+sequenceSize:])
	r.accept(packet[:len(packet)-sequenceSize], true, now)
}

// accept counts a packet, and keeps it for who reads.
func (r *Receiver) accept(packet []byte, again bool, now time.Time) {
	header, _, ok := rtpwire.Sizes(packet)
	if !ok {
		return
	}
	// Another codec's is none of a stream that is put together again, nor missing.
	isOther := packet[1]&0x7f != r.options.PayloadType
	if r.paused.Load() || isOther && r.track.kind == media.Video {
		r.arrivals.Skip(packet)

		return
	}
	if isOther {
		// A tone of a telephone (RFC 4733), or comfort noise: its number is not to be waited for. Its sound is left out,
		// as padding is.
		r.arrivals.Skip(packet)
		packet = packet[:header]
		packet[0] &^= 0x20
	} else {
		r.count(packet, again, now)
	}
	if r.track.isRead() {
		// What does not fit is missing there, as a loss.
		_, _ = r.queue.Write(packet, nil)
	}
}

// count counts a packet of the codec, and says how loud it is.
func (r *Receiver) count(packet []byte, again bool, now time.Time) {
	if r.arrivals.Take(packet, again, now) {
		r.peer.receiving.Begin()
	}
	if listener := r.listener.Load(); listener != nil && r.levelID != 0 {
		r.heard(listener, packet, now)
	}
}

// takeRTCP takes the server's sender reports.
func (r *Receiver) takeRTCP(packet []byte, now time.Time) {
	packets := feedback.Packets(packet)
	ssrc := r.options.Stream.SSRC
	r.reports.Take(packets, ssrc)
	for _, one := range packets {
		if report, ok := one.(*rtcp.SenderReport); ok && report.SSRC == ssrc {
			r.arrivals.Reported(report.NTPTime, now)
		}
	}
}
