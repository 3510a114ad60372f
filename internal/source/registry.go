// Package source opens what tracks are made of, shares it between those who
// name the same, and plays it in real time.
package source

import (
	"context"
	"maps"
	"slices"
	"sync"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/engine"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/refusal"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/routine"
)

// Logger takes lines of the log. pion's LeveledLogger is one.
type Logger interface {
	Debugf(format string, args ...any)
	Warnf(format string, args ...any)
	Errorf(format string, args ...any)
}

// Registry holds the open sources of one Worker. It is safe for concurrent use.
type Registry struct {
	log   Logger
	start routine.Start
	// life ends with Close, and with it what is being opened.
	life context.Context
	end  context.CancelFunc

	mu      sync.Mutex
	closed  bool
	sources map[string]*source
	opening map[string]*opening
	// leaving are sources that were stopped and may not have ended yet.
	leaving []*source
}

// Opened is what Open gives: tracks that belong to the caller, nil where a
// kind was not asked for.
type Opened struct {
	// PlayerID names the source, which tracks of equal Specs share.
	PlayerID     string
	Audio, Video media.Track
	tracks       []*track
}

// State is one open source. Tracks are the last ones of kinds that none is left of, then
// those that are left, the oldest first.
type State struct {
	ID     string
	Tracks []TrackState
}

// W3C's MediaStreamTrackState.
const (
	Live  = "live"
	Ended = "ended"
)

// TrackState is one track.
type TrackState struct {
	ID   string
	Kind media.Kind
	// ReadyState is Live or Ended.
	ReadyState string
}

// NewRegistry makes an empty registry. Goroutines start through start only.
func NewRegistry(log Logger, start routine.Start) *Registry {
	life, end := context.WithCancel(context.Background())
	return &Registry{
		log: log, start: start, life: life, end: end,
		sources: make(map[string]*source), opening: make(map[string]*opening),
	}
}

// Open gives new tracks of the source that spec names, which it opens unless a
// source with an equal Spec is open, or opens already. It fails with an *Error, and
// leaves nothing open then. When ctx ends, or the Registry closes, it fails with
// ErrClosed at once; what opens is cancelled unless others wait for it.
func (r *Registry) Open(ctx context.Context, spec Spec, audio, video bool) (*Opened, error) {
	var kinds []media.Kind
	if audio {
		kinds = append(kinds, media.Audio)
	}
	if video {
		kinds = append(kinds, media.Video)
	}
	if len(kinds) == 0 {
		return nil, &refusal.Error{Kind: refusal.ErrInvalid, Message: "neither audio nor video of the source was asked for"}
	}
	spec, err := r.constrain(ctx, spec, kinds)
	if err != nil {
		return nil, err
	}
	spec, value, err := spec.resolve(kinds)
	if err != nil {
		return nil, err
	}
	key := spec.key(value)
	for {
		opened, again, err := r.tryOpen(ctx, spec, value, key, kinds)
		if !again {
			opened.prefer(spec.Hardware)
			opened.name(spec.TrackID)
			return opened, err
		}
	}
}

// add plays an engine as a source of its own, and gives its one track, of that id unless it is empty. It fails with
// ErrClosed once the Registry is closed; the engine is closed in any case.
func (r *Registry) add(e engine.Engine, kind media.Kind, trackID string) (*Opened, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		e.Close()
		return nil, errRegistryClosed()
	}
	s := newSource(r, e)
	kinds := []media.Kind{kind}
	tracks, _ := s.addTracks(kinds)
	s.start(r.start, kinds)
	r.sources[s.id] = s
	r.log.Debugf("source made | id:%s name:%s", s.id, e.Name())
	opened := s.opened(tracks)
	opened.name(trackID)
	return opened, nil
}

// tryOpen is to be called again where what it found was on its way out.
func (r *Registry) tryOpen(ctx context.Context, spec Spec, value, key string, kinds []media.Kind) (opened *Opened, again bool, err error) {
	r.mu.Lock()
	if r.closed {
		r.mu.Unlock()
		return nil, false, errRegistryClosed()
	}
	if s := r.sources[key]; s != nil {
		r.mu.Unlock()
		opened, err := r.share(s, kinds)
		if opened == nil && err == nil {
			// It has just closed.
			r.remove(s)
			return nil, true, nil
		}
		return opened, false, err
	}
	o := r.opening[key]
	if o != nil && o.left {
		r.mu.Unlock()
		select {
		case <-o.routine.Done():
			return nil, true, nil
		case <-r.life.Done():
			return nil, false, errRegistryClosed()
		case <-ctx.Done():
			return nil, false, errCancelled(ctx)
		}
	}
	if o == nil {
		o = r.begin(spec, value, key)
	}
	w := o.join(kinds)
	r.mu.Unlock()
	select {
	case got := <-w.got:
		return got.opened, got.err != nil && o.outlived(spec, got.err), got.err
	case <-r.life.Done():
		err = errRegistryClosed()
	case <-ctx.Done():
		err = errCancelled(ctx)
	}
	o.leave(w)
	return nil, false, err
}

func errRegistryClosed() error {
	return &refusal.Error{Kind: refusal.ErrClosed, Message: "the Worker of the source is closed"}
}

func errCancelled(ctx context.Context) error {
	return &refusal.Error{Kind: refusal.ErrClosed, Message: "opening the source was cancelled", Cause: ctx.Err()}
}

// share gives tracks of an open source; nil without an error when it has closed.
func (r *Registry) share(s *source, kinds []media.Kind) (*Opened, error) {
	if err := s.canAll(kinds); err != nil {
		return nil, err
	}
	tracks, ok := s.addTracks(kinds)
	if !ok {
		return nil, nil
	}
	return s.opened(tracks), nil
}

func (s *source) canAll(kinds []media.Kind) error {
	for _, kind := range kinds {
		if err := s.engine.Can(kind); err != nil {
			return err
		}
	}
	return nil
}

func (s *source) opened(tracks []*track) *Opened {
	opened := &Opened{PlayerID: s.id, tracks: tracks}
	for _, t := range tracks {
		if t.kind == media.Audio {
			opened.Audio = t
		} else {
			opened.Video = t
		}
	}
	return opened
}

// prefer has hardware encode the tracks, where there is some.
func (o *Opened) prefer(hardware bool) {
	if o == nil {
		return
	}
	for _, t := range o.tracks {
		t.hardware.Store(hardware && t.kind == media.Video)
	}
}

// name gives one track alone an id, unless that is empty.
func (o *Opened) name(id string) {
	if o == nil || id == "" || o.Audio != nil && o.Video != nil {
		return
	}
	for _, t := range o.tracks {
		t.id.Store(id)
	}
}

// remove forgets a source that is closing, but for Close.
func (r *Registry) remove(s *source) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for key, other := range r.sources {
		if other == s {
			delete(r.sources, key)
			r.leaving = append(r.leaving, s)
		}
	}
	r.leaving = slices.DeleteFunc(r.leaving, (*source).gone)
}

// State tells of the open sources, for Worker.dump().
func (r *Registry) State() []State {
	r.mu.Lock()
	var sources []*source
	for _, s := range r.sources {
		sources = append(sources, s)
	}
	r.mu.Unlock()
	slices.SortFunc(sources, func(a, b *source) int { return a.made.Compare(b.made) })
	states := make([]State, 0, len(sources))
	for _, s := range sources {
		states = append(states, s.state())
	}
	return states
}

// Close ends all tracks, lets what is being opened fail with ErrClosed, and waits
// until everything is freed. It may be called twice.
func (r *Registry) Close() {
	r.mu.Lock()
	r.closed = true
	r.end()
	opening := slices.Collect(maps.Values(r.opening))
	r.mu.Unlock()
	for _, o := range opening {
		o.routine.Wait()
	}
	r.mu.Lock()
	sources := slices.Collect(maps.Values(r.sources))
	r.mu.Unlock()
	for _, s := range sources {
		s.finish(nil)
	}
	r.mu.Lock()
	leaving := r.leaving
	r.leaving = nil
	r.mu.Unlock()
	for _, s := range leaving {
		s.wait()
	}
}
