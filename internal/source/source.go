package source

import (
	"container/list"
	"context"
	"iter"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/recovery"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/encode"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/engine"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/passing"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/routine"
)

// source is one open source, shared by its tracks: one player, and one encoder
// for each codec and settings that anybody reads.
type source struct {
	id       string
	made     time.Time
	registry *Registry
	engine   engine.Engine

	routine *routine.Routine
	// context ends with the source.
	context context.Context
	stop    context.CancelFunc
	wake    chan struct{}
	// owned is context with its owner, from the first that plays on.
	owned context.Context

	// video and audio are the encodings that the player delivers to: replaced,
	// never changed.
	video atomic.Pointer[[]*encode.Video]
	audio atomic.Pointer[[]*encode.Audio]
	// raw are those that read what is delivered as it is: replaced, never changed.
	raw   atomic.Pointer[[]*rawFeed]
	shown sourceCounts
	// passed are the streams of what goes out as it is; nil where nothing can.
	passed map[media.Kind]*passing.Stream

	mu sync.Mutex
	// tracks are in the order in which they were made. An app may have very many: each is taken off without a look at the others.
	tracks list.List
	// count is how many of them there are of each kind.
	count map[media.Kind]int
	// over are the kinds whose frames have ended.
	over map[media.Kind]bool
	// ended are the last tracks of kinds that none is left of.
	ended  map[media.Kind]TrackState
	closed bool
	// encoders are the routines that have been started.
	encoders []*routine.Routine
}

// sourceCounts is what a source delivered, for statistics.
type sourceCounts struct {
	videoFrames, audioPieces atomic.Uint64
	width, height            atomic.Int64
}

func newSource(registry *Registry, e engine.Engine) *source {
	s := &source{
		id: uuid.NewString(), made: time.Now(), registry: registry, engine: e,
		wake: make(chan struct{}, 1), count: make(map[media.Kind]int),
	}
	s.context, s.stop = context.WithCancel(context.Background())
	s.video.Store(new([]*encode.Video))
	s.audio.Store(new([]*encode.Audio))
	s.raw.Store(new([]*rawFeed))
	e.DeliverTo(s)
	s.passFrom(e)
	s.routine = routine.New(e.Close)
	return s
}

// start begins to play. The first of the given kinds are decoded at once.
func (s *source) start(start routine.Start, kinds []media.Kind) {
	for _, kind := range kinds {
		s.engine.Prime(kind)
	}
	s.routine.Start(start, "play "+s.engine.Name(), func(outer context.Context) {
		defer recovery.AfterFunc(outer, "stop a source", s.stop)()
		s.owned = recovery.Inherit(s.context, outer)
		s.engine.Run(s.owned, s.wake)
		s.finish(nil)
	})
}

// addTracks makes a track of each kind. It reports false when the source has closed.
func (s *source) addTracks(kinds []media.Kind) ([]*track, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, false
	}
	var added []*track
	for _, kind := range kinds {
		t := &track{kind: kind, source: s}
		t.id.Store(uuid.NewString())
		t.place = s.tracks.PushBack(t)
		s.count[kind]++
		added = append(added, t)
	}
	return added, true
}

// all are the tracks. It is called, and used, with the lock held.
func (s *source) all() iter.Seq[*track] {
	return func(yield func(*track) bool) {
		for place := s.tracks.Front(); place != nil; place = place.Next() {
			if t, ok := place.Value.(*track); ok && !yield(t) {
				return
			}
		}
	}
}

// removeTrack closes the source with its last track.
func (s *source) removeTrack(t *track) {
	s.mu.Lock()
	s.tracks.Remove(t.place)
	s.count[t.kind]--
	if s.ended == nil {
		s.ended = make(map[media.Kind]TrackState)
	}
	s.ended[t.kind] = TrackState{ID: t.ID(), Kind: t.kind, ReadyState: Ended}
	last := s.tracks.Len() == 0 && !s.closed
	if last {
		s.closed = true
	}
	s.mu.Unlock()
	if last {
		s.registry.remove(s)
		s.stop()
	}
	// It may have been held by this track alone.
	s.Nudge()
}

// finish ends what is left when nothing plays any more.
func (s *source) finish(reason error) {
	s.mu.Lock()
	s.closed = true
	tracks := slices.Collect(s.all())
	s.mu.Unlock()
	s.registry.remove(s)
	s.stop()
	for _, t := range tracks {
		t.end(reason)
	}
}

// wait returns when the source and its encoders have freed everything, after stop.
func (s *source) wait() {
	s.routine.Wait()
	s.mu.Lock()
	encoders := s.encoders
	s.mu.Unlock()
	for _, encoder := range encoders {
		encoder.Wait()
	}
}

// Nudge makes the player look at what is wanted.
func (s *source) Nudge() { routine.Signal(s.wake) }

func (s *source) Wanted(kind media.Kind) bool {
	if s.rawWanted(kind) {
		return true
	}
	if kind == media.Video {
		return len(*s.video.Load()) > 0
	}
	return len(*s.audio.Load()) > 0
}

func (s *source) Expected(kind media.Kind) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.count[kind] > 0
}

func (s *source) Held() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for t := range s.all() {
		if t.holds.Load() > 0 {
			return true
		}
	}
	return false
}

func (s *source) Awaited() bool {
	return s.rawAwaited(media.Video) || slices.ContainsFunc(*s.video.Load(), (*encode.Video).Awaited)
}

func (s *source) DeliverVideo(frame *media.VideoFrame, dropped int) {
	s.shown.videoFrames.Add(1)
	s.shown.width.Store(int64(frame.Width))
	s.shown.height.Store(int64(frame.Height))
	for _, e := range *s.video.Load() {
		e.Offer(frame, dropped)
	}
	s.writeRaw(media.Video, func(sink media.RawSink) { sink.WriteVideo(frame) })
}

// LeaveOut counts pictures that were too late.
func (s *source) LeaveOut(dropped int) {
	for _, e := range *s.video.Load() {
		e.LeaveOut(dropped)
	}
}

func (s *source) DeliverAudio(piece *media.AudioFrame) {
	s.shown.audioPieces.Add(1)
	for _, e := range *s.audio.Load() {
		e.Encode(piece)
	}
	s.writeRaw(media.Audio, func(sink media.RawSink) { sink.WriteAudio(piece) })
}

// Framerate is the engine's.
func (s *source) Framerate() float64 { return s.engine.Framerate() }

func (s *source) VideoShown() (frames uint64, width, height int) {
	return s.shown.videoFrames.Load(), int(s.shown.width.Load()), int(s.shown.height.Load())
}

// Share implements encode.Owner.
func (s *source) Share(n int, f func(i int)) { routine.Share(s.owned, n, f) }

func (s *source) AudioShown() (pieces uint64) { return s.shown.audioPieces.Load() }

// EndKind ends the tracks of a kind after their last frame went out.
func (s *source) EndKind(kind media.Kind, reason error) {
	if kind == media.Video {
		for _, e := range *s.video.Load() {
			e.Drain(s.context)
		}
	}
	s.endTracks(kind, reason)
}

// Fail ends the tracks of a kind whose encoder doesn't work.
func (s *source) Fail(kind media.Kind, err error) {
	s.registry.log.Errorf("%v of source %s ends | %v", kind, s.id, err)
	s.endTracks(kind, err)
}

// NoHardware implements encode.Owner.
func (s *source) NoHardware(mimeType string, reason error) {
	s.registry.log.Warnf("%s of source %s is not encoded in hardware | %v", mimeType, s.id, reason)
}

func (s *source) endTracks(kind media.Kind, reason error) {
	s.mu.Lock()
	if s.over == nil {
		s.over = make(map[media.Kind]bool)
	}
	s.over[kind] = true
	tracks := slices.Collect(s.all())
	s.mu.Unlock()
	for _, t := range tracks {
		if t.kind == kind {
			t.end(reason)
		}
	}
}

func (s *source) isOver(kind media.Kind) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.over[kind]
}

// gone reports whether everything has been freed.
func (s *source) gone() bool {
	s.mu.Lock()
	routines := append(slices.Clone(s.encoders), s.routine)
	s.mu.Unlock()
	return !slices.ContainsFunc(routines, func(r *routine.Routine) bool { return !r.IsDone() })
}

func (s *source) state() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	state := State{ID: s.id}
	for _, kind := range []media.Kind{media.Audio, media.Video} {
		last, ok := s.ended[kind]
		if ok && s.count[kind] == 0 {
			state.Tracks = append(state.Tracks, last)
		}
	}
	for t := range s.all() {
		readyState := Live
		if t.life.Ended() {
			readyState = Ended
		}
		state.Tracks = append(state.Tracks, TrackState{ID: t.ID(), Kind: t.kind, ReadyState: readyState})
	}
	return state
}
