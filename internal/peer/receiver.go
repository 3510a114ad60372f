package peer

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync/atomic"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v4"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// Receiver receives the one stream of a media section.
type Receiver struct {
	peer  *Peer
	mid   string
	rtp   *webrtc.RTPReceiver
	track *RemoteTrack

	life     media.Life
	paused   atomic.Bool
	arrivals arrivals
	reports  senderReports
	plis     atomic.Uint64
	// retransmits says that the server sends again what a NACK asks for.
	retransmits bool
	// wakes belongs to the reading goroutine: a deadline is set.
	wakes bool
}

// repairPoll is how often the stream of retransmissions is looked at while a
// packet is missing.
const repairPoll = 5 * time.Millisecond

// Receiver returns the receiver of a media section, the same one for the same
// mid. The remote and the local description that have it must be set.
func (p *Peer) Receiver(mid string) (*Receiver, error) {
	if err := p.refusal(); err != nil {
		return nil, err
	}
	p.mu.Lock()
	known := p.receivers[mid]
	s, described := p.remote[mid]
	p.mu.Unlock()
	if !described || s.ended {
		return nil, fmt.Errorf("%w: %q", ErrUnknownMid, mid)
	}
	if known != nil {
		return known, nil
	}
	for _, t := range p.pc.GetTransceivers() {
		if t.Mid() != mid || t.Receiver() == nil {
			continue
		}
		track := t.Receiver().Track()
		if track == nil {
			break
		}
		r := &Receiver{peer: p, mid: mid, rtp: t.Receiver()}
		r.arrivals.clockRate = s.codec.ClockRate
		r.arrivals.levelID, r.arrivals.size = s.audioLevel, pictureSizeOf(s.codec.MimeType)
		r.retransmits = s.nack
		r.track = newRemoteTrack(r, track, s.codec)
		if track.HasRTX() {
			p.nacks.repair(uint32(track.SSRC()), uint32(track.RtxSSRC()))
		}
		p.mu.Lock()
		if p.receivers == nil {
			p.mu.Unlock()

			return nil, ErrClosed
		}
		p.receivers[mid] = r
		p.mu.Unlock()
		p.start("reading RTP of a receiver", func(context.Context) { r.read(track) })
		p.start("reading RTCP of a receiver", func(context.Context) { r.readRTCP() })

		return r, nil
	}

	return nil, fmt.Errorf("%w: %q is not received", ErrUnknownMid, mid)
}

// Track is what is received.
func (r *Receiver) Track() *RemoteTrack { return r.track }

// OnEnded calls f once, when the section was closed or the peer.
func (r *Receiver) OnEnded(f func()) { r.life.OnEnded(func(error) { f() }) }

// SetPaused drops what arrives, without negotiation: the server stops sending
// because the app tells it.
func (r *Receiver) SetPaused(paused bool) {
	if r.paused.Swap(paused) && !paused {
		r.track.resumed()
	}
}

// read must go on all the time, read or not: the interceptors in it answer with
// NACKs, reports and transport-wide feedback.
func (r *Receiver) read(track *webrtc.TrackRemote) {
	defer r.end()
	buffer := make([]byte, receiveMTU)
	for {
		n, attributes, err := track.Read(buffer)
		now := time.Now()
		switch {
		case isTimeout(err):
			r.track.expire(now)
		case err != nil && n > 0:
			// One packet of a codec that was not negotiated does not end the stream.
			continue
		case err != nil:
			return
		case r.paused.Load():
			r.arrivals.skip(buffer[:n])

			continue
		default:
			r.arrivals.take(buffer[:n], attributes.Get(webrtc.AttributeRtxSsrc) != nil, now)
			r.track.take(buffer[:n], now)
		}
		r.wakeFor(track, now)
	}
}

// wakeFor makes the next read end in time for what waits for a missing packet.
func (r *Receiver) wakeFor(track *webrtc.TrackRemote, now time.Time) {
	wake := r.track.wake(now)
	if !wake.IsZero() {
		// pion looks for what was sent again when a read begins, and at no other time.
		if poll := now.Add(repairPoll); wake.After(poll) && track.HasRTX() {
			wake = poll
		}
		// What is over already would end every read, and leave the packets there.
		if soon := now.Add(time.Millisecond); wake.Before(soon) {
			wake = soon
		}
	}
	if wake.IsZero() && !r.wakes {
		return
	}
	r.wakes = !wake.IsZero()
	_ = track.SetReadDeadline(wake)
}

func isTimeout(err error) bool {
	var timeout net.Error

	return errors.As(err, &timeout) && timeout.Timeout()
}

// patience is how long a reader of the track waits for missing packets.
func (r *Receiver) patience() *patience {
	return &patience{
		retransmits: r.retransmits, roundTrip: r.peer.roundTrip, jitter: r.arrivals.interval,
	}
}

// readRTCP takes the server's sender reports. Reading is also what makes the
// interceptors see them.
func (r *Receiver) readRTCP() {
	buffer := make([]byte, receiveMTU)
	for {
		n, _, err := r.rtp.Read(buffer)
		if err != nil {
			return
		}
		if packets, err := rtcp.Unmarshal(buffer[:n]); err == nil {
			r.reports.take(packets, uint32(r.track.remote.SSRC()))
		}
	}
}

func (r *Receiver) end() {
	r.life.End(nil)
	r.track.life.End(nil)
}

// requestKeyframe asks the server for one (RFC 4585 section 6.3.1).
func (r *Receiver) requestKeyframe(ssrc uint32) {
	if r.peer.closed.Load() {
		return
	}
	// Before the connection is up it can't be sent.
	if err := r.peer.pc.WriteRTCP([]rtcp.Packet{&rtcp.PictureLossIndication{MediaSSRC: ssrc}}); err == nil {
		r.plis.Add(1)
	}
}

// endReceivers ends those whose section the server closed.
func (p *Peer) endReceivers(sections map[string]section) {
	p.mu.Lock()
	var ended []*Receiver
	for mid, r := range p.receivers {
		if s, ok := sections[mid]; !ok || s.ended {
			ended = append(ended, r)
			delete(p.receivers, mid)
		}
	}
	p.mu.Unlock()
	for _, r := range ended {
		r.end()
	}
}
