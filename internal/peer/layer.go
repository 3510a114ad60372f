package peer

import (
	"fmt"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/feedback"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/packetize"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/sending"
)

// layer sends the track of a Sender in one of its encodings: an RTP stream, and
// the feed that fills it.
type layer struct {
	sender *Sender
	// index is the encoding's, from 0.
	index   int
	out     *sending.Stream
	ears    *ears
	reports feedback.ReceptionReports

	// What follows is guarded by the sender's mu.
	encoding Encoding
	feed     media.Feed
	// generation tells an attachment that was overtaken by a later one.
	generation int

	// worked is what the last feed did, encodeTime what all before this one needed;
	// this one's encoder had needed inherited before.
	worked                media.FeedStats
	encodeTime, inherited time.Duration
	// toldTime is the most that stats have told of encodeTime.
	toldTime time.Duration

	rate layerRate
}

func newLayer(s *Sender, index int, encoding Encoding) *layer {
	l := &layer{sender: s, index: index, encoding: encoding}
	l.ears = &ears{ssrc: s.peer.newSSRC()}
	if s.kind == media.Video {
		l.ears.rtx = s.peer.newSSRC()
	}
	l.out = sending.NewStream(sending.StreamOptions{
		Kind: s.kind, RID: encoding.RID, Clock: &s.clock,
		Waiting: s.peer.side.Waiting, Keyframe: l.requestKeyframe, Begun: func() { s.peer.reporter.Begun(l.out) },
	})

	return l
}

// bind makes its stream one as parameters say.
func (l *layer) bind(parameters Parameters) error {
	packetizer, err := packetize.New(parameters.Codec)
	if err != nil {
		return err
	}
	peer := l.sender.peer
	info := parameters.stream(l.ears.ssrc, l.ears.rtx)
	l.out.Bind(info, parameters.Mid, packetizer, peer.side)
	peer.streams.take(info.SSRC, nil, l.takeRTCP)

	return nil
}

// unbind ends its stream.
func (l *layer) unbind() {
	if !l.out.Unbind() {
		return
	}
	peer := l.sender.peer
	peer.streams.leave(l.ears.ssrc)
	peer.leave(l.ears, time.Now())
}

// attach makes the feed what track, codec, encoding, paused and stopped ask for.
// Feeds are opened and closed outside the lock: their sinks take it.
func (l *layer) attach() error {
	s := l.sender
	s.mu.Lock()
	l.generation++
	generation := l.generation
	old := l.feed
	l.feed = nil
	track, codec, encoding := s.track, s.codec, l.encoding
	wanted := l.wanted() && !l.rate.suspended
	s.mu.Unlock()
	if old != nil {
		old.Close()
		l.keepWork(old)
	}
	if !wanted {
		return nil
	}
	if way := s.encoded.way.Load(); way != nil {
		way.Forget(l.index)
	}
	l.out.Restart()
	settings := s.settings(codec, encoding)
	s.peer.side.Begin(settings.StartBitrate)
	feed, err := track.Attach(codec, settings, l)
	if err != nil {
		return fmt.Errorf("sending track %s as %s: %w", track.ID(), codec.MimeType, err)
	}
	inherited := feed.Stats().TotalEncodeTime
	s.mu.Lock()
	overtaken := generation != l.generation
	if !overtaken {
		l.feed, l.inherited = feed, inherited
		l.rate.settings, l.rate.began = settings, time.Now()
	}
	s.mu.Unlock()
	if overtaken {
		feed.Close()

		return nil
	}
	s.peer.shareOut(true)

	return nil
}

// wanted says whether the layer is to be sent, with the sender's mu held.
func (l *layer) wanted() bool {
	s := l.sender

	return s.track != nil && s.bound && !s.paused && l.encoding.Active && !s.stopped && s.peer.connected.Load()
}

// currentFeed is nil where nothing is sent.
func (l *layer) currentFeed() media.Feed {
	l.sender.mu.Lock()
	defer l.sender.mu.Unlock()

	return l.feed
}

// requestKeyframe asks for one of this layer alone. libwebrtc makes one of each
// layer, as one encoder makes all of them there; here the others need none.
func (l *layer) requestKeyframe() {
	if feed := l.currentFeed(); feed != nil {
		feed.RequestKeyframe()
	}
}
