package service

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/core"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/recovery"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/wire"
)

// closeLimit is how long Close waits for what has been told to end.
const closeLimit = 10 * time.Second

// worker owns sources and peers. It is what dies when one of its goroutines panics.
type worker struct {
	env     *core.Env
	handle  uint64
	log     *logger
	scope   *core.Scope
	sources *source.Registry
	// opening ends when the worker begins to close: nothing goes on opening then.
	opening     context.Context //nolint:containedctx // ends with the worker
	stopOpening context.CancelFunc

	mu     sync.Mutex
	peers  map[*peerHandle]struct{}
	tracks map[uint64]*trackHandle
	// readers are of tracks, and of those that have ended.
	readers map[*readerHandle]struct{}
	closed  bool
	past    past
	// making are peers that are being made.
	making sync.WaitGroup
	// lastPeer is the number of the last peer that was made.
	lastPeer uint64

	dying sync.Once
	// ended is closed when Close is done.
	ended      chan struct{}
	closeLimit time.Duration
}

func registerWorker(r *core.Registry) {
	core.Handle(r, wire.WorkerCreate, func(c *core.Call, options wire.WorkerOptions) (wire.Handle, error) {
		w, err := newWorker(c, options)
		if err != nil {
			return wire.Handle{}, err
		}

		return wire.Handle{Handle: w.handle}, nil
	})
	core.HandleOn(r, wire.WorkerClose, func(_ *core.Call, w *worker, _ wire.Empty) (wire.Empty, error) {
		return wire.Empty{}, w.Close()
	})
	core.HandleOn(r, wire.WorkerDump, func(_ *core.Call, w *worker, _ wire.Empty) (wire.WorkerState, error) {
		return w.dump(), nil
	})
	core.HandleOn(r, wire.WorkerCapabilities, capabilities)
	core.HandleOn(r, wire.WorkerCreatePeer, createPeer)
}

func newWorker(c *core.Call, options wire.WorkerOptions) (*worker, error) {
	level, err := parseLevel(options.LogLevel)
	if err != nil {
		return nil, err
	}
	w := &worker{
		env:    c.Env,
		peers:  make(map[*peerHandle]struct{}),
		tracks: make(map[uint64]*trackHandle),
	}
	w.opening, w.stopOpening = context.WithCancel(context.Background())
	w.ended = make(chan struct{})
	w.closeLimit = closeLimit
	w.handle = c.Env.NewHandle(w)
	w.scope = core.NewScope(w.die)
	w.log = &logger{
		level: level,
		guard: w.guard,
		lines: newLogLines(w.scope.Context(), func(line wire.LogLine) bool { return w.env.EmitLine(w.handle, line) }),
	}
	w.sources = source.NewRegistry(w.log.scoped("source"), w.scope.Go)

	return w, nil
}

// die tells JavaScript of a panic and closes what is left. It runs on the goroutine
// that panicked, which Close would wait for: hence the new goroutine. A closing
// environment closes all itself.
func (w *worker) die(message, stack string) {
	w.dying.Do(func() {
		w.env.Emit(w.handle, wire.WorkerDied, wire.Death{Message: message, Stack: stack})
		// What closing left behind may panic when nobody listens any more.
		if _, open := w.env.Lookup(w.handle); !open || w.env.Closed() {
			recovery.Print(message, stack)
		}
		w.env.GoThen("close a worker that died", func(context.Context) {}, func() { _ = w.Close() })
	})
}

// Close closes peers, then sources, then waits for the goroutines, but not for ever: what
// is stuck, in pion say, would keep the app's process. The handle's closed event comes
// last. What panics on the way does not keep the rest open.
func (w *worker) Close() error {
	w.mu.Lock()
	if w.closed {
		w.mu.Unlock()
		<-w.ended

		return nil
	}
	defer close(w.ended)
	defer w.env.Release(w.handle)
	defer w.log.lines.close()
	w.closed = true
	w.stopOpening()
	peers := make([]*peerHandle, 0, len(w.peers))
	for p := range w.peers {
		peers = append(peers, p)
	}
	tracks := w.tracks
	w.tracks = nil
	w.mu.Unlock()

	var all sync.WaitGroup
	for _, p := range peers {
		all.Add(1)
		recovery.GoThen(w.scope.Context(), "close a peer", func() { _ = p.Close() }, all.Done)
	}
	all.Wait()
	done := make(chan struct{})
	// What panics does not keep the rest open, this goroutine's own beginning included.
	recovery.GoThen(w.scope.Context(), "close a worker", func() {}, func() {
		defer close(done)
		for handle, track := range tracks {
			w.guard("stop a track", track.Stop)
			w.env.Release(handle)
		}
		w.closeReaders()
		w.guard("close sources", w.sources.Close)
		w.making.Wait()
		w.scope.Close()
	})
	select {
	case <-done:
	case <-time.After(w.closeLimit):
		w.log.scoped("worker").Warn("closing takes long: it goes on in the background")
	}

	return nil
}

// guard runs f so that a panic in it ends the worker, not the process.
func (w *worker) guard(name string, f func()) { recovery.Run(w.scope.Context(), name, f) }

// adopt gives a track a handle and tells JavaScript when it ends.
func (w *worker) adopt(track media.Track) (uint64, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return 0, errWorkerClosed
	}
	t := &trackHandle{Track: track, worker: w}
	handle := w.env.NewHandle(t)
	w.tracks[handle] = t

	return handle, nil
}

// publish gives a track a handle of which JavaScript is told, and of its end. A closed worker stops the track.
func (w *worker) publish(track media.Track) (wire.OpenedTrack, error) {
	handle, err := w.adopt(track)
	if err != nil {
		track.Stop()

		return wire.OpenedTrack{}, err
	}
	w.watch(handle, track)

	return wire.OpenedTrack{Handle: handle, ID: track.ID()}, nil
}

// watch tells JavaScript of a track's end, with which its handle ends too.
func (w *worker) watch(handle uint64, track media.Track) {
	track.OnEnded(func(reason error) {
		end := wire.TrackEnd{Reason: "ended"}
		if reason != nil {
			end.Reason = "error"
			end.Error = asWireError(reason)
		}
		w.env.Emit(handle, wire.TrackEnded, end)
		w.forget(handle)
	})
}

func (w *worker) forget(handle uint64) {
	w.mu.Lock()
	delete(w.tracks, handle)
	w.mu.Unlock()
	w.env.Release(handle)
}

func newID() string { return uuid.NewString() }

var errWorkerClosed = errors.New("worker is closed")
