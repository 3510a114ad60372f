package peer

import (
	"fmt"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// layer sends the track of a Sender in one of its encodings: an RTP stream, and
// the feed that fills it.
type layer struct {
	sender *Sender
	// index is the encoding's, from 0.
	index   int
	out     *outbound
	reports receptionReports

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
	l.out = newOutbound(l)

	return l
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
	l.out.restart()
	settings := s.settings(codec, encoding)
	s.peer.side.Begin(settings.StartBitrate)
	feed, err := track.Attach(codec, settings, l.out)
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
