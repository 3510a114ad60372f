package peer

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/webrtc/v4"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// SenderOptions describes what AddSender adds.
type SenderOptions struct {
	Kind media.Kind
	// Track may be nil: nothing is sent until ReplaceTrack.
	Track media.Track
	// TrackIdentifier is the track's in stats: the id that the app knows.
	TrackIdentifier string
	// StreamID and TrackID are those of a=msid (RFC 8830).
	StreamID, TrackID string
	// Encodings are the layers, of low quality first; none is one of defaults.
	Encodings []Encoding
}

// Encoding is what W3C's RTCRtpEncodingParameters ask of one encoding.
type Encoding struct {
	// RID names one of several encodings (RFC 8851); one alone has none.
	RID string
	// Active is false to send nothing.
	Active bool
	// MaxBitrate is in bits a second, MaxFramerate in frames a second; 0 is no limit.
	MaxBitrate   int
	MaxFramerate float64
	// ScaleDownBy makes the sides of pictures smaller by this factor; 0 and 1 leave them.
	ScaleDownBy float64
	// Scalability is which layers there are.
	Scalability media.ScalabilityMode
}

// Sender sends one track, in the codec that the server's answer has, once for
// each encoding.
type Sender struct {
	peer        *Peer
	transceiver *webrtc.RTPTransceiver
	rtp         *webrtc.RTPSender
	kind        media.Kind
	layers      []*layer
	clock       frameClock
	// leaving is set as soon as its end is asked for.
	leaving atomic.Bool

	// mu guards the layers' state too.
	mu      sync.Mutex
	track   media.Track
	trackID string
	codec   media.Codec
	bound   bool
	paused  bool
	stopped bool
}

// AddSender adds a sendonly transceiver. The track is attached when the
// server's answer says in which codec.
func (p *Peer) AddSender(options SenderOptions) (*Sender, error) {
	if err := p.refusal(); err != nil {
		return nil, err
	}
	if len(options.Encodings) == 0 {
		options.Encodings = []Encoding{{Active: true}}
	}
	if err := checkEncodings(options.Kind, options.Encodings); err != nil {
		return nil, err
	}
	s := &Sender{peer: p, track: options.Track, trackID: options.TrackIdentifier, kind: options.Kind}
	for i, encoding := range options.Encodings {
		s.layers = append(s.layers, newLayer(s, i, encoding, options))
	}
	transceiver, err := p.transceiverFor(s.layers)
	if err != nil {
		return nil, err
	}
	s.transceiver, s.rtp = transceiver, transceiver.Sender()
	p.mu.Lock()
	if p.senders == nil {
		p.mu.Unlock()

		return nil, ErrClosed
	}
	p.senders[s] = struct{}{}
	p.madeFor[transceiver] = options.TrackIdentifier
	p.mu.Unlock()
	p.reporting.Do(func() { p.start("reporting senders", p.reportSenders) })
	for _, l := range s.layers {
		l.start()
	}

	return s, nil
}

// checkEncodings refuses several of sound, and what pion could not tell apart.
func checkEncodings(kind media.Kind, encodings []Encoding) error {
	if kind != media.Video && len(encodings) > 1 {
		return fmt.Errorf("%w: %d encodings of %s", ErrInvalidArgument, len(encodings), kind)
	}
	seen := make(map[string]bool, len(encodings))
	for _, e := range encodings {
		if several := len(encodings) > 1; several == (e.RID == "") || seen[e.RID] {
			return fmt.Errorf("%w: rid %q of one of %d encodings", ErrInvalidArgument, e.RID, len(encodings))
		}
		seen[e.RID] = true
	}

	return nil
}

// Mid is empty until the local description was set.
func (s *Sender) Mid() string { return s.transceiver.Mid() }

// ReplaceTrack sends another track, or nothing, without negotiation; identifier
// is the track's in stats.
func (s *Sender) ReplaceTrack(track media.Track, identifier string) error {
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
		s.mu.Unlock()

		return errors.Join(err, s.attach())
	}

	return nil
}

// SetPaused stops RTP, or goes on with it from a keyframe.
func (s *Sender) SetPaused(paused bool) {
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

// SetEncodings sends as they ask from now on, one for each layer; layers that
// change go on from a keyframe, of video.
func (s *Sender) SetEncodings(encodings []Encoding) error {
	if len(encodings) != len(s.layers) {
		return fmt.Errorf("%w: %d encodings for a sender of %d", ErrInvalidArgument, len(encodings), len(s.layers))
	}
	s.mu.Lock()
	if s.stopped {
		s.mu.Unlock()

		return ErrClosed
	}
	var changed []*layer
	for i, l := range s.layers {
		wanted := encodings[i]
		wanted.RID = l.encoding.RID
		if l.encoding != wanted {
			l.encoding = wanted
			changed = append(changed, l)
		}
	}
	s.mu.Unlock()
	var errs []error
	for _, l := range changed {
		errs = append(errs, l.attach())
	}
	// What some do not take any more may bring back others.
	s.peer.shareOut(true)

	return errors.Join(errs...)
}

// Leave says that Stop comes: from now on State tells of no track that is sent. It does not block.
func (s *Sender) Leave() { s.leaving.Store(true) }

// Stop ends the sender; its media section becomes inactive with the next offer.
func (s *Sender) Stop() error {
	s.detach()
	s.peer.mu.Lock()
	delete(s.peer.senders, s)
	s.peer.left[s.transceiver] = time.Now()
	s.peer.mu.Unlock()
	if s.peer.refusal() != nil {
		return nil
	}
	if err := s.peer.pc.RemoveTrack(s.rtp); err != nil && s.peer.refusal() == nil {
		return fmt.Errorf("removing a track: %w", err)
	}

	return nil
}

// bind is called by pion while it applies the answer. Feeds start when that is
// done: what is written before is lost.
func (s *Sender) bind(codec media.Codec) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.codec, s.bound = codec, true
}

// check says, before an answer is applied, whether the track can be sent as it asks.
func (s *Sender) check(codec media.Codec) error {
	s.mu.Lock()
	bound := s.bound
	s.mu.Unlock()
	if bound {
		return nil
	}

	return s.checkTrack(codec)
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
	settings := answeredSettings(codec, encoding)
	settings.Simulcast = len(s.layers) > 1

	return settings
}

func (s *Sender) detach() {
	s.mu.Lock()
	s.stopped = true
	s.mu.Unlock()
	_ = s.attach()
}

// attach makes every layer's feed what is asked for now.
func (s *Sender) attach() error {
	s.clock.reset()
	var errs []error
	for _, l := range s.layers {
		errs = append(errs, l.attach())
	}

	return errors.Join(errs...)
}

// ready starts the feeds that waited for the answer and for the handshake.
func (s *Sender) ready() error {
	var errs []error
	for _, l := range s.layers {
		if l.currentFeed() == nil {
			errs = append(errs, l.attach())
		}
	}

	return errors.Join(errs...)
}
