package peer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/pion/rtcp"
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
	Encoding          Encoding
}

// Encoding is what W3C's RTCRtpEncodingParameters ask of the one encoding.
type Encoding struct {
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

// Sender sends one track, in the codec that the server's answer has.
type Sender struct {
	peer        *Peer
	transceiver *webrtc.RTPTransceiver
	rtp         *webrtc.RTPSender
	out         *outbound
	kind        media.Kind
	reports     receptionReports

	mu       sync.Mutex
	encoding Encoding
	track    media.Track
	trackID  string
	feed     media.Feed
	codec    media.Codec
	bound    bool
	paused   bool
	stopped  bool
	// generation tells an attachment that was overtaken by a later one.
	generation int

	// worked is what the last feed did, encodeTime what all before this one needed;
	// this one's encoder had needed inherited before.
	worked                media.FeedStats
	encodeTime, inherited time.Duration
	// toldTime is the most that stats have told of encodeTime.
	toldTime time.Duration
}

// AddSender adds a sendonly transceiver. The track is attached when the
// server's answer says in which codec.
func (p *Peer) AddSender(options SenderOptions) (*Sender, error) {
	if p.closed.Load() {
		return nil, ErrClosed
	}
	kind := webrtc.RTPCodecTypeVideo
	if options.Kind == media.Audio {
		kind = webrtc.RTPCodecTypeAudio
	}
	s := &Sender{peer: p, track: options.Track, trackID: options.TrackIdentifier, encoding: options.Encoding, kind: options.Kind}
	s.out = &outbound{sender: s, kind: kind, id: options.TrackID, streamID: options.StreamID}
	transceiver, err := p.transceiverFor(s.out)
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
	p.mu.Unlock()
	p.start("reading RTCP of a sender", func(context.Context) { s.readRTCP(s.rtp) })

	return s, nil
}

// transceiverFor uses a transceiver again that a stopped sender left: its media
// section would stay in every later description anyway.
func (p *Peer) transceiverFor(track webrtc.TrackLocal) (*webrtc.RTPTransceiver, error) {
	p.mu.Lock()
	busy := make(map[*webrtc.RTPTransceiver]bool, len(p.senders))
	for s := range p.senders {
		busy[s.transceiver] = true
	}
	p.mu.Unlock()
	for _, t := range p.pc.GetTransceivers() {
		if t.Kind() != track.Kind() || busy[t] || t.Mid() == "" ||
			t.Direction() != webrtc.RTPTransceiverDirectionInactive {
			continue
		}
		rtpSender, err := p.pc.AddTrack(track)
		if err != nil {
			return nil, fmt.Errorf("using a transceiver again: %w", err)
		}
		for _, used := range p.pc.GetTransceivers() {
			if used.Sender() == rtpSender {
				return used, nil
			}
		}
	}
	t, err := p.pc.AddTransceiverFromTrack(track,
		webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly})
	if err != nil {
		return nil, fmt.Errorf("adding a transceiver: %w", err)
	}

	return t, nil
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
	s.mu.Unlock()
	if err := s.attach(); err != nil {
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

// SetEncoding sends as it asks from now on, of video from a keyframe.
func (s *Sender) SetEncoding(encoding Encoding) error {
	s.mu.Lock()
	if s.stopped {
		s.mu.Unlock()

		return ErrClosed
	}
	before := s.encoding
	s.encoding = encoding
	s.mu.Unlock()
	if before == encoding {
		return nil
	}

	return s.attach()
}

// Stop ends the sender; its media section becomes inactive with the next offer.
func (s *Sender) Stop() error {
	s.detach()
	s.peer.mu.Lock()
	delete(s.peer.senders, s)
	s.peer.mu.Unlock()
	if s.peer.closed.Load() {
		return nil
	}
	if err := s.peer.pc.RemoveTrack(s.rtp); err != nil {
		return fmt.Errorf("removing a track: %w", err)
	}

	return nil
}

// bind is called by pion while it applies the answer. The feed starts when that
// is done: what is written before is lost.
func (s *Sender) bind(codec media.Codec) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.codec, s.bound = codec, true
}

// check says, before an answer is applied, whether the track can be sent as it asks.
func (s *Sender) check(codec media.Codec) error {
	s.mu.Lock()
	track, bound := s.track, s.bound
	s.mu.Unlock()
	if checker, ok := track.(media.CodecChecker); ok && !bound {
		return checker.CheckCodec(codec)
	}

	return nil
}

func (s *Sender) detach() {
	s.mu.Lock()
	s.stopped = true
	s.mu.Unlock()
	_ = s.attach()
}

// attach makes the feed what track, codec, paused and stopped ask for. Feeds are
// opened and closed outside the lock: their sinks take it.
func (s *Sender) attach() error {
	s.mu.Lock()
	s.generation++
	generation := s.generation
	old := s.feed
	s.feed = nil
	track, codec, encoding := s.track, s.codec, s.encoding
	wanted := track != nil && s.bound && !s.paused && encoding.Active && !s.stopped && s.peer.connected.Load()
	s.mu.Unlock()
	if old != nil {
		old.Close()
		s.keepWork(old)
	}
	if !wanted {
		return nil
	}
	s.out.restart()
	feed, err := track.Attach(codec, answeredSettings(codec, encoding), s.out)
	if err != nil {
		return fmt.Errorf("sending track %s as %s: %w", track.ID(), codec.MimeType, err)
	}
	inherited := feed.Stats().TotalEncodeTime
	s.mu.Lock()
	overtaken := generation != s.generation
	if !overtaken {
		s.feed, s.inherited = feed, inherited
	}
	s.mu.Unlock()
	if overtaken {
		feed.Close()
	}

	return nil
}

// ready starts the feed that waited for the answer and for the handshake.
func (s *Sender) ready() error {
	if s.currentFeed() != nil {
		return nil
	}

	return s.attach()
}

func (s *Sender) currentFeed() media.Feed {
	s.mu.Lock()
	defer s.mu.Unlock()

	return s.feed
}

// readRTCP answers keyframe requests (RFC 4585 PLI, RFC 5104 FIR). Reading is
// also what makes the interceptors see NACKs and reports.
func (s *Sender) readRTCP(rtpSender *webrtc.RTPSender) {
	buffer := make([]byte, receiveMTU)
	for {
		n, _, err := rtpSender.Read(buffer)
		if err != nil {
			if !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrClosedPipe) {
				s.peer.log.Debugf("reading RTCP: %v", err)
			}

			return
		}
		packets, err := rtcp.Unmarshal(buffer[:n])
		if err != nil {
			continue
		}
		sent := s.out.read()
		s.reports.take(packets, stream{ssrc: sent.ssrc, clockRate: sent.clockRate, first: sent.first}, time.Now())
		for _, packet := range packets {
			switch packet.(type) {
			case *rtcp.PictureLossIndication, *rtcp.FullIntraRequest:
				if feed := s.currentFeed(); feed != nil {
					feed.RequestKeyframe()
				}
			}
		}
	}
}
