package peer

import (
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// senderWork is what a sender's encoders did.
type senderWork struct {
	trackID string
	codec   media.Codec
	// active is W3C's: it is to be sent, if there is anything.
	active bool
	// feed is what the feed tells, or the last one told.
	feed       media.FeedStats
	encodeTime time.Duration
}

// work does not go backwards when the encoder changes.
func (s *Sender) work() senderWork {
	feed := s.currentFeed()
	var told media.FeedStats
	if feed != nil {
		told = feed.Stats()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if feed == nil || feed != s.feed {
		told = s.worked
	} else {
		s.worked = told
	}
	w := senderWork{
		trackID: s.trackID, codec: s.codec, active: s.encoding.Active && !s.paused && !s.stopped,
		feed: told, encodeTime: s.encodeTime,
	}
	if s.feed != nil {
		w.encodeTime += told.TotalEncodeTime - s.inherited
	}
	// While one feed is closed its work is not added yet.
	w.encodeTime = max(w.encodeTime, s.toldTime)
	s.toldTime = w.encodeTime

	return w
}

// keepWork adds what a feed did that is over.
func (s *Sender) keepWork(feed media.Feed) {
	told := feed.Stats()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.encodeTime += told.TotalEncodeTime - s.inherited
	s.worked = told
}
