package peer

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/sending"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/stats"
)

// SenderOptions describes what AddSender adds.
type SenderOptions struct {
	Kind media.Kind
	// Track may be nil: nothing is sent until ReplaceTrack.
	Track media.Track
	// TrackIdentifier is the track's in stats: the id that the app knows.
	TrackIdentifier string
	// Encodings are the layers, of low quality first; none is one of defaults.
	Encodings []Encoding
	// Held keeps a track that has a beginning from playing, from Send until Begin.
	Held bool
}

// Sender sends one track, as its Parameters say, once for each encoding.
type Sender struct {
	peer *Peer
	// number is that of its making.
	number uint64
	kind   media.Kind
	layers []*layer
	clock  sending.FrameClock
	report stats.Kept
	// madeFor is the track's that it was made for, as the app knows it.
	madeFor string
	encoded detoured
	// leaving is set as soon as its end is asked for.
	leaving atomic.Bool

	// mu guards the layers' state too.
	mu      sync.Mutex
	track   media.Track
	trackID string
	mid     string
	codec   media.Codec
	bound   bool
	paused  bool
	stopped bool
	// holding is set until Begin; release is of the track that is held.
	holding bool
	release func()
}

// AddSender makes a sender, which sends nothing before Send.
func (p *Peer) AddSender(options SenderOptions) (*Sender, error) {
	defer p.changed()
	if err := p.refusal(); err != nil {
		return nil, err
	}
	if len(options.Encodings) == 0 {
		options.Encodings = []Encoding{{Active: true}}
	}
	if err := checkEncodings(options.Kind, options.Encodings); err != nil {
		return nil, err
	}
	s := &Sender{
		peer: p, track: options.Track, trackID: options.TrackIdentifier, kind: options.Kind,
		madeFor: options.TrackIdentifier, holding: options.Held,
	}
	for i, encoding := range options.Encodings {
		s.layers = append(s.layers, newLayer(s, i, encoding))
	}
	p.mu.Lock()
	if p.senders == nil {
		p.mu.Unlock()

		return nil, ErrClosed
	}
	p.made++
	s.number = p.made
	p.senders[s] = struct{}{}
	p.mu.Unlock()

	return s, nil
}

// Streams are the SSRCs of each encoding, and those of its retransmissions, 0 for sound.
func (s *Sender) Streams() []Stream {
	streams := make([]Stream, len(s.layers))
	for i, l := range s.layers {
		streams[i] = Stream{SSRC: l.ears.ssrc, RTX: l.ears.rtx}
	}

	return streams
}

// Stream is the SSRC of an RTP stream and that of its retransmissions; 0 is none.
type Stream struct{ SSRC, RTX uint32 }

// Send begins to send, as soon as the connection is up: ORTC's RTCRtpSender.send().
// It is called once.
func (s *Sender) Send(parameters Parameters) error {
	defer s.peer.changed()
	if err := s.peer.refusal(); err != nil {
		return err
	}
	if err := parameters.check(s.kind); err != nil {
		return err
	}
	if err := s.checkTrack(parameters.Codec); err != nil {
		return err
	}
	s.mu.Lock()
	refused := s.refusal()
	if refused == nil {
		for _, l := range s.layers {
			if refused = l.bind(parameters); refused != nil {
				break
			}
		}
	}
	if refused == nil {
		s.mid, s.codec, s.bound = parameters.Mid, parameters.Codec, true
		s.hold()
		// Begin comes if the track waits for it: else no other may.
		s.holding = s.release != nil
	}
	s.mu.Unlock()
	if refused != nil {
		return refused
	}

	return s.ready()
}

// refusal is why nothing can be begun, with mu held.
func (s *Sender) refusal() error {
	switch {
	case s.stopped:
		return ErrClosed
	case s.bound:
		return fmt.Errorf("%w: it sends already", ErrInvalidState)
	default:
		return nil
	}
}

// Mid is empty before Send.
func (s *Sender) Mid() string {
	s.mu.Lock()
	defer s.mu.Unlock()

	return s.mid
}

// ReplaceTrack sends another track, or nothing, without negotiation; identifier
// is the track's in stats.
func (s *Sender) ReplaceTrack(track media.Track, identifier string) error {
	defer s.peer.changed()
	if track != nil && track.Kind() != s.kind {
		return fmt.Errorf("%w: track is of kind %s, the sender of kind %s", ErrInvalidArgument, track.Kind(), s.kind)
	}
	s.mu.Lock()
	if s.stopped {
		s.mu.Unlock()

		return ErrClosed
	}
	before, beforeID := s.track, s.trackID
	s.track, s.trackID = track, identifier
	s.hold()
	codec, bound := s.codec, s.bound
	s.mu.Unlock()
	var err error
	if bound {
		err = s.checkTrack(codec)
	}
	if err == nil {
		err = s.attach()
	}
	if err != nil {
		s.mu.Lock()
		s.track, s.trackID = before, beforeID
		s.hold()
		s.mu.Unlock()

		return errors.Join(err, s.attach())
	}

	return nil
}

// SetPaused stops RTP, or goes on with it from a keyframe.
func (s *Sender) SetPaused(paused bool) {
	defer s.peer.changed()
	s.mu.Lock()
	same := s.paused == paused
	s.paused = paused
	s.mu.Unlock()
	if same {
		return
	}
	if err := s.attach(); err != nil {
		s.peer.log.Warnf("resuming a sender: %v", err)
	}
}

// Leave says that Stop comes: from now on State tells of no track that is sent. It does not block.
func (s *Sender) Leave() { s.leaving.Store(true) }

// Stop ends the sender. It may be called twice.
func (s *Sender) Stop() {
	defer s.peer.changed()
	s.detach()
	left, sent := s.state()
	s.peer.mu.Lock()
	if _, known := s.peer.senders[s]; known && sent {
		s.peer.remember(left)
	}
	delete(s.peer.senders, s)
	s.peer.mu.Unlock()
	s.encoded.close()
	for _, l := range s.layers {
		l.unbind()
	}
}

func (s *Sender) checkTrack(codec media.Codec) error {
	s.mu.Lock()
	checker, ok := s.track.(media.CodecChecker)
	encodings := make([]Encoding, len(s.layers))
	for i, l := range s.layers {
		encodings[i] = l.encoding
	}
	s.mu.Unlock()
	if !ok {
		return nil
	}
	for _, encoding := range encodings {
		if err := checker.CheckCodec(codec, s.settings(codec, encoding)); err != nil {
			return err
		}
	}

	return nil
}

// settings are what is asked of a layer's encoder.
func (s *Sender) settings(codec media.Codec, encoding Encoding) media.EncodingSettings {
	settings := codecSettings(codec, encoding)
	settings.Simulcast = len(s.layers) > 1

	return settings
}

func (s *Sender) detach() {
	s.mu.Lock()
	s.stopped = true
	s.hold()
	s.mu.Unlock()
	_ = s.attach()
}

// attach makes every layer's feed what is asked for now.
func (s *Sender) attach() error {
	s.clock.Reset()
	var errs []error
	for _, l := range s.layers {
		errs = append(errs, l.attach())
	}

	return errors.Join(errs...)
}

// ready starts the feeds that waited for Send and for the handshake.
func (s *Sender) ready() error {
	s.mu.Lock()
	waits := !s.bound || s.stopped || !s.peer.connected.Load()
	s.mu.Unlock()
	if waits {
		return nil
	}
	var errs []error
	for _, l := range s.layers {
		errs = append(errs, l.ears.open(s.peer))
	}
	for _, l := range s.layers {
		if l.currentFeed() == nil {
			errs = append(errs, l.attach())
		}
	}

	return errors.Join(errs...)
}
