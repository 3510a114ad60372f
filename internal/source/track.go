package source

import (
	"container/list"
	"sync"
	"sync/atomic"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// track is one track of a source, with an end and an enabled state of its own.
type track struct {
	// id is a string.
	id     atomic.Value
	kind   media.Kind
	source *source
	// hardware is to encode it, where there is some.
	hardware atomic.Bool
	// place is among those of the source, whose lock it has.
	place *list.Element
	life  media.Life
	// holds are those that have not been released.
	holds atomic.Int64

	mu    sync.Mutex
	feeds map[*trackFeed]struct{}
}

func (t *track) ID() string {
	id, _ := t.id.Load().(string)
	return id
}

func (t *track) Kind() media.Kind { return t.kind }

func (t *track) Attach(c media.Codec, settings media.EncodingSettings, sink media.Sink) (media.Feed, error) {
	inner, err := t.source.attach(t, c, settings, sink)
	if err != nil {
		return nil, err
	}
	return t.keep(inner)
}

// keep makes a feed one that its track closes.
func (t *track) keep(inner media.Feed) (media.Feed, error) {
	feed := &trackFeed{Feed: inner, track: t}
	t.mu.Lock()
	if t.feeds == nil {
		t.feeds = make(map[*trackFeed]struct{})
	}
	t.feeds[feed] = struct{}{}
	t.mu.Unlock()
	if t.life.Ended() {
		feed.Close()
		return nil, t.life.EndedError()
	}
	return feed, nil
}

// Clone implements media.Cloner.
func (t *track) Clone(id string) (media.Track, error) {
	tracks, ok := t.source.addTracks([]media.Kind{t.kind})
	if !ok {
		return nil, t.life.EndedError()
	}
	clone := tracks[0]
	clone.id.Store(id)
	clone.hardware.Store(t.hardware.Load())
	// One that is added later than this is not among those that the end of their kind ends.
	if t.life.Ended() || t.source.isOver(t.kind) {
		clone.Stop()
		return nil, t.life.EndedError()
	}
	return clone, nil
}

func (t *track) SetEnabled(enabled bool) {
	if !t.life.Enable(enabled) || !enabled || t.kind != media.Video {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for feed := range t.feeds {
		feed.RequestKeyframe()
	}
}

// Hold implements media.Holder: it holds the whole source, whose tracks share a clock.
func (t *track) Hold() (release func()) {
	if t.source.engine.Live() {
		return nil
	}
	t.holds.Add(1)
	return sync.OnceFunc(func() {
		t.holds.Add(-1)
		t.source.Nudge()
	})
}

func (t *track) OnEnded(f func(reason error)) { t.life.OnEnded(f) }

func (t *track) Stop() { t.end(nil) }

// end takes the track off its source before it tells of its end.
func (t *track) end(reason error) {
	t.life.EndAfter(reason, func() {
		t.source.removeTrack(t)
		t.mu.Lock()
		feeds := t.feeds
		t.feeds = nil
		t.mu.Unlock()
		for feed := range feeds {
			feed.Feed.Close()
		}
	})
}

// trackFeed is a feed that its track knows of, to close it with the track.
type trackFeed struct {
	media.Feed
	track *track
}

func (f *trackFeed) Close() {
	f.track.mu.Lock()
	delete(f.track.feeds, f)
	f.track.mu.Unlock()
	f.Feed.Close()
}
