package peer

import (
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/sending"
)

// layerWork is what a layer's encoders did.
type layerWork struct {
	trackID  string
	codec    media.Codec
	encoding Encoding
	// active is W3C's: it is to be sent, if there is anything.
	active bool
	// feed is what the feed tells, or the last one told.
	feed       media.FeedStats
	encodeTime time.Duration
	limits     sending.Limits
}

// work does not go backwards when the encoder changes.
func (l *layer) work() layerWork {
	s := l.sender
	feed := l.currentFeed()
	var told media.FeedStats
	if feed != nil {
		told = feed.Stats()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if feed == nil || feed != l.feed {
		told = l.worked
	} else {
		l.worked = told
	}
	w := layerWork{
		trackID: s.trackID, codec: s.codec, encoding: l.encoding,
		active: l.encoding.Active && !s.paused && !s.stopped,
		feed:   told, encodeTime: l.encodeTime,
	}
	w.limits = l.rate.limits.Until(time.Now())
	if l.feed != nil {
		w.encodeTime += told.TotalEncodeTime - l.inherited
	}
	// While one feed is closed its work is not added yet.
	w.encodeTime = max(w.encodeTime, l.toldTime)
	l.toldTime = w.encodeTime

	return w
}

// keepWork adds what a feed did that is over.
func (l *layer) keepWork(feed media.Feed) {
	told := feed.Stats()
	l.sender.mu.Lock()
	defer l.sender.mu.Unlock()
	l.encodeTime += told.TotalEncodeTime - l.inherited
	l.worked = told
}
