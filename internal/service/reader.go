package service

import (
	"sync"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/core"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/frames"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/sink"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/wire"
)

// readerHandle is a reader of a track: JavaScript takes frames of it.
type readerHandle struct {
	*sink.Reader
	track  *trackHandle
	handle uint64
}

// readers are those of a track.
type readers struct {
	mu     sync.Mutex
	all    map[*readerHandle]struct{}
	heard  sync.Once
	ended  bool
	reason error
}

func registerReader(r *core.Registry) {
	core.HandleOn(r, wire.TrackRead, func(_ *core.Call, t *trackHandle, p wire.ReaderOptions) (wire.Handle, error) {
		return t.read(p)
	})
	core.HandleOn(r, wire.ReaderClose, func(_ *core.Call, h *readerHandle, _ wire.Empty) (wire.Empty, error) {
		return wire.Empty{}, h.Close()
	})
}

func (t *trackHandle) read(p wire.ReaderOptions) (wire.Handle, error) {
	h := &readerHandle{track: t}
	env := t.worker.env
	ready := make(chan struct{})
	emit := func(event wire.Event, body any) {
		<-ready
		env.Emit(h.handle, event, body)
	}
	reader, err := sink.NewReader(t.Track, sink.ReaderOptions{
		Room: p.Room,
		Video: sink.VideoOptions{
			Width: p.Width, Height: p.Height, Format: frames.PixelFormat(p.PixelFormat), MaxFrameRate: p.MaxFrameRate,
		},
		Audio: sink.AudioOptions{
			SampleRate: p.SampleRate, Channels: p.NumberOfChannels, Format: frames.SampleFormat(p.SampleFormat),
			FrameDuration: time.Duration(p.FrameDuration * float64(time.Microsecond)),
		},
		Ready: func() { emit(wire.ReaderReady, wire.Empty{}) },
		Ended: func(reason error) {
			var end wire.ReaderEnd
			if reason != nil {
				end.Error = asWireError(reason)
			}
			emit(wire.ReaderEnded, end)
		},
	}, t.worker.scope.Go)
	if err != nil {
		close(ready)

		return wire.Handle{}, refusal(err)
	}
	h.Reader = reader
	h.handle = env.NewHandle(h)
	close(ready)
	if !t.worker.keepReader(h) {
		_ = h.Close()

		return wire.Handle{}, refusal(errWorkerClosed)
	}
	t.readers.add(h)

	return wire.Handle{Handle: h.handle}, nil
}

// add tells a reader when the track has ended.
func (r *readers) add(h *readerHandle) {
	r.mu.Lock()
	if r.all == nil {
		r.all = make(map[*readerHandle]struct{})
	}
	r.all[h] = struct{}{}
	ended, reason := r.ended, r.reason
	r.mu.Unlock()
	if ended {
		h.End(reason)

		return
	}
	// Once for all readers: a track remembers its listeners for ever.
	r.heard.Do(func() { h.track.OnEnded(r.end) })
}

func (r *readers) end(reason error) {
	r.mu.Lock()
	r.ended, r.reason = true, reason
	all := make([]*readerHandle, 0, len(r.all))
	for h := range r.all {
		all = append(all, h)
	}
	r.mu.Unlock()
	for _, h := range all {
		h.End(reason)
	}
}

func (r *readers) remove(h *readerHandle) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.all, h)
}

// Close detaches, and ends the handle. It may be called twice.
func (h *readerHandle) Close() error {
	h.track.readers.remove(h)
	h.track.worker.forgetReader(h)
	h.Reader.Close()
	h.track.worker.env.Release(h.handle)

	return nil
}

func (h *readerHandle) owner() *worker { return h.track.worker }

// keepReader reports false when the worker is closed.
func (w *worker) keepReader(h *readerHandle) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return false
	}
	if w.readers == nil {
		w.readers = make(map[*readerHandle]struct{})
	}
	w.readers[h] = struct{}{}

	return true
}

func (w *worker) forgetReader(h *readerHandle) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, open := w.readers[h]; open {
		delete(w.readers, h)
		w.past.framesDropped += h.Lost()
	}
}

// closeReaders ends all readers of a worker that is closed.
func (w *worker) closeReaders() {
	w.mu.Lock()
	all := make([]*readerHandle, 0, len(w.readers))
	for h := range w.readers {
		all = append(all, h)
	}
	w.mu.Unlock()
	for _, h := range all {
		w.guard("close a reader", func() { _ = h.Close() })
	}
}
