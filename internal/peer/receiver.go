package peer

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtcp"
	"github.com/pion/transport/v5/packetio"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/feedback"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/hearing"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/jitter"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/rtpwire"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/stats"
)

// ReceiverOptions describes what AddReceiver adds.
type ReceiverOptions struct {
	Parameters
	Kind   media.Kind
	Stream Stream
	// TrackIdentifier is the track's in stats: the id that the app knows.
	TrackIdentifier string
}

// Receiver receives one stream, and its retransmissions. Its packets are counted and
// answered as they come; they are kept for a goroutine of its own only while somebody
// reads the track.
type Receiver struct {
	peer *Peer
	// number is that of its making.
	number  uint64
	options ReceiverOptions
	track   *RemoteTrack
	ears    *ears

	// deaf says that another has its stream.
	deaf bool

	life     media.Life
	paused   atomic.Bool
	arrivals *feedback.Arrivals
	reports  feedback.SenderReports
	plis     atomic.Uint64
	report   stats.Kept

	beginning beginning

	// levelID is the number of the header extension that says how loud sound is; 0 is none. listener is nil where
	// nobody wants to know; hearMu is held while it changes.
	levelID  uint8
	hearMu   sync.Mutex
	listener atomic.Pointer[hearing.Listener]

	// These belong to pion's loop that decrypts: what sees each packet, and what is
	// to be undone of it.
	seen, seenAgain   interceptor.RTPReader
	bound, boundAgain *interceptor.StreamInfo

	reading sync.Once
	queue   *packetio.Buffer
	// wakes belongs to the reading goroutine: a deadline is set.
	wakes bool
}

// mostQueued bytes wait for who reads a track; more are lost to it.
const mostQueued = 1 << 20

// AddReceiver receives a stream from now on.
func (p *Peer) AddReceiver(options ReceiverOptions) (*Receiver, error) {
	defer p.changed()
	if err := p.refusal(); err != nil {
		return nil, err
	}
	if err := options.check(options.Kind); err != nil {
		return nil, err
	}
	if options.RTXPayloadType == 0 {
		options.Stream.RTX = 0
	}
	ssrc, rtx := options.Stream.SSRC, options.Stream.RTX
	if ssrc == 0 || ssrc == rtx {
		return nil, fmt.Errorf("%w: SSRC %d, of retransmissions %d", ErrInvalidArgument, ssrc, rtx)
	}
	r := &Receiver{peer: p, options: options, ears: &ears{ssrc: ssrc, rtx: rtx}, queue: packetio.NewBuffer()}
	r.queue.SetLimitSize(mostQueued)
	r.levelID = options.extension(rtpwire.AudioLevelURI)
	r.arrivals = feedback.NewArrivals(
		options.Codec.ClockRate, r.levelID, jitter.PictureSizeOf(options.Codec.MimeType))
	r.track = newRemoteTrack(r)
	p.mu.Lock()
	if p.receivers == nil {
		p.mu.Unlock()

		return nil, ErrClosed
	}
	// A stream is received once: of those that name the same, the first gets what comes.
	r.deaf = p.streams.taken(ssrc) || rtx != 0 && p.streams.taken(rtx)
	if !r.deaf {
		p.streams.reserve(ssrc, rtx)
	}
	p.made++
	r.number = p.made
	p.receivers[r] = struct{}{}
	p.mu.Unlock()
	if !r.deaf {
		r.listen()
	}
	if err := r.hear(); err != nil {
		r.Stop()

		return nil, err
	}
	r.awaitBeginning()

	return r, nil
}

// hear opens pion's streams, once DTLS is up.
func (r *Receiver) hear() error {
	if r.deaf {
		return nil
	}

	return r.ears.open(r.peer)
}

// listen has the packets of its streams come here.
func (r *Receiver) listen() {
	p, ssrc, rtx := r.peer, r.options.Stream.SSRC, r.options.Stream.RTX
	r.bound = r.options.stream(ssrc, rtx)
	r.seen = p.chain.BindRemoteStream(r.bound, handed{})
	if rtx != 0 {
		p.nacks.RepairedBy(ssrc, rtx)
		again := r.options.Parameters
		// Only the stream itself is asked for (RFC 4588 section 6.3).
		again.Feedback = nil
		r.boundAgain = again.stream(rtx, 0)
		r.seenAgain = p.chain.BindRemoteStream(r.boundAgain, handed{})
		p.streams.take(rtx, r.takeAgain, nil)
	}
	p.streams.take(ssrc, r.take, r.takeRTCP)
	p.seeStrays(r.options.Parameters)
}

// seeStrays makes transport-wide feedback of packets that nobody waits for: a server
// takes those for lost else that it sends before it hears that a consumer is closed.
func (p *Peer) seeStrays(parameters Parameters) {
	if parameters.extension(rtpwire.TransportWideCCURI) == 0 || p.strays.Swap(true) {
		return
	}
	parameters.Feedback = slices.DeleteFunc(slices.Clone(parameters.Feedback),
		func(f interceptor.RTCPFeedback) bool { return f.Type == "nack" })
	seen := p.chain.BindRemoteStream(parameters.stream(0, 0), handed{})
	p.streams.takeStrays(func(packet []byte, _ time.Time) { _, _, _ = seen.Read(packet, nil) })
}

// Track is what is received.
func (r *Receiver) Track() *RemoteTrack { return r.track }

// Mid is what the server calls it.
func (r *Receiver) Mid() string { return r.options.Mid }

// OnEnded calls f once, when it was stopped or the peer was closed.
func (r *Receiver) OnEnded(f func()) { r.life.OnEnded(func(error) { f() }) }

// Stop ends it. It may be called twice.
func (r *Receiver) Stop() {
	defer r.peer.changed()
	p := r.peer
	p.mu.Lock()
	_, known := p.receivers[r]
	delete(p.receivers, r)
	p.mu.Unlock()
	if known && !r.deaf {
		p.streams.leave(r.options.Stream.SSRC, r.options.Stream.RTX)
		p.chain.UnbindRemoteStream(r.bound)
		if r.boundAgain != nil {
			p.chain.UnbindRemoteStream(r.boundAgain)
		}
		p.leave(r.ears, time.Now())
	}
	r.end()
}

func (r *Receiver) end() {
	_ = r.queue.Close()
	r.track.encoded.close()
	r.life.End(nil)
	r.endBeginning()
	r.endHearing()
	r.track.life.End(nil)
}

// SetPaused drops what arrives, without negotiation: the server stops sending
// because the app tells it.
func (r *Receiver) SetPaused(paused bool) {
	defer r.peer.changed()
	if r.paused.Swap(paused) && !paused {
		r.track.resumed()
		r.awaitBeginning()
	}
}

// startReading has packets read from now on, for as long as it receives.
func (r *Receiver) startReading() {
	r.reading.Do(func() {
		r.peer.start("reading a received track", func(context.Context) { r.read() })
	})
}

func (r *Receiver) read() {
	buffer := make([]byte, rtpwire.MTU)
	for {
		n, _, err := r.queue.Read(buffer, nil)
		now := time.Now()
		switch {
		case isTimeout(err):
			r.track.expire(now)
		case err != nil && n > 0:
			continue
		case err != nil:
			return
		default:
			r.track.take(buffer[:n], now)
		}
		r.wakeFor(now)
	}
}

// wakeFor makes the next read end in time for what waits for a missing packet.
func (r *Receiver) wakeFor(now time.Time) {
	wake := r.track.wake(now)
	// What is over already would end every read, and leave the packets there.
	if soon := now.Add(time.Millisecond); !wake.IsZero() && wake.Before(soon) {
		wake = soon
	}
	if wake.IsZero() && !r.wakes {
		return
	}
	r.wakes = !wake.IsZero()
	_ = r.queue.SetReadDeadline(wake)
}

func isTimeout(err error) bool {
	var timeout net.Error

	return errors.As(err, &timeout) && timeout.Timeout()
}

// patience is how long a reader of the track waits for missing packets.
func (r *Receiver) patience() *jitter.Patience {
	return jitter.NewPatience(feedback.WantsNACK(r.options.Feedback), r.peer.roundTrip, r.arrivals.Interval)
}

// requestKeyframe asks the server for one (RFC 4585 section 6.3.1). It does not wait.
func (r *Receiver) requestKeyframe() {
	r.peer.start("asking for a keyframe", func(context.Context) {
		// Before the connection is up it can't be sent.
		if r.peer.writeRTCP(&rtcp.PictureLossIndication{
			SenderSSRC: r.peer.nacks.SSRC(), MediaSSRC: r.options.Stream.SSRC,
		}) == nil {
			r.plis.Add(1)
		}
	})
}
