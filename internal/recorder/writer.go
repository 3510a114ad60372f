package recorder

import (
	"context"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/recovery"
)

const (
	// flushInterval is what is lost at the most when the process is killed.
	flushInterval = 500 * time.Millisecond
	// patience is how long the head waits for tracks that have delivered nothing, and heed how long at least: until then
	// the timelines settle.
	patience = 3 * time.Second
	heed     = 300 * time.Millisecond
	// mostHeld bytes wait for the head.
	mostHeld = mostQueued / 2
)

// writer is the state of the goroutine that writes.
type writer struct {
	*Recorder
	muxer *av.Muxer
	// held waits for the head.
	held      []item
	heldBytes int
	described map[*input]av.OutputStream
	since     time.Time
	flushed   time.Time
	sound     *sound
	// segments is of a playlist.
	segments *segments
	// count is of what was written.
	count Stats
	err   error
}

func (r *Recorder) run(ctx context.Context) {
	w := &writer{Recorder: r, described: make(map[*input]av.OutputStream), since: time.Now(), flushed: time.Now()}
	r.writer = w
	// The writer itself may be held up by a pipe.
	defer recovery.AfterFunc(ctx, "stop a recording", r.Stop)()
	ticker := time.NewTicker(flushInterval / 2)
	defer ticker.Stop()
	for stopping := false; !stopping && w.err == nil; {
		select {
		case <-ctx.Done():
			stopping = true
		case <-r.news:
		case <-ticker.C:
		}
		items, stop := r.takeAll()
		stopping = stopping || stop
		for _, next := range items {
			w.take(next)
		}
		w.begin(stopping)
		w.flush()
	}
	r.mu.Lock()
	r.stopping = true
	r.mu.Unlock()
	r.detach()
	w.finish()
}

// take describes what comes first, and writes what comes after.
func (w *writer) take(next item) {
	if w.muxer != nil {
		w.write(next)

		return
	}
	if _, known := w.described[next.input]; !known {
		stream, ok := describe(next.input.codec, next.frame.Data)
		if !ok {
			// Nobody could decode it.
			w.count.Lost++

			return
		}
		w.described[next.input] = stream
	}
	w.held = append(w.held, next)
	w.heldBytes += len(next.frame.Data)
}

// begin writes the head, once all tracks are known, or those that are not were waited for.
func (w *writer) begin(stopping bool) {
	waited := time.Since(w.since)
	switch {
	case w.muxer != nil || w.err != nil || len(w.described) == 0:
		return
	case stopping || w.heldBytes > mostHeld:
	case waited < heed || len(w.described) < len(w.inputs) && waited < patience:
		return
	}
	var streams []av.OutputStream
	for _, i := range w.inputs {
		stream, ok := w.described[i]
		if !ok {
			if stream, ok = unseen(i.codec); !ok {
				w.count.Omitted++

				continue
			}
		}
		if w.container.decodes {
			if w.sound, w.err = newSound(i.codec); w.err != nil {
				return
			}
			stream = w.sound.stream()
		}
		i.stream = len(streams)
		streams = append(streams, stream)
	}
	if w.muxer, w.err = av.NewMuxer(w.container.muxer, w.container.options, streams, w.output); w.err != nil {
		return
	}
	if playlist, ok := w.output.(*Playlist); ok {
		w.segments = &segments{Playlist: playlist, muxer: w.muxer}
	}
	held := w.held
	w.held = nil
	for _, next := range held {
		w.write(next)
	}
}

func (w *writer) write(next item) {
	i := next.input
	if w.err != nil || i.stream < 0 {
		return
	}
	w.count.Frames++
	w.count.Duration = max(w.count.Duration, next.at)
	if w.sound != nil {
		w.err = w.sound.write(w.muxer, next)

		return
	}
	duration := next.frame.Duration
	if duration <= 0 && i.last > 0 {
		duration = min(max(next.at-i.last, 0), time.Second)
	}
	if duration <= 0 {
		duration = 20 * time.Millisecond
	}
	keyframe := next.frame.Keyframe || i.track.Kind() == media.Audio
	i.last, i.begun = next.at, true
	if w.segments != nil {
		if w.err = w.cut(i, next.at, duration, keyframe); w.err != nil {
			return
		}
	}
	w.err = w.muxer.Write(i.stream, next.frame.Data, next.at, duration, keyframe)
}

// flush has what was written play from time to time, and when it was asked for.
func (w *writer) flush() {
	w.mu.Lock()
	asked := w.flushes
	w.flushes = false
	w.mu.Unlock()
	if w.err != nil {
		return
	}
	due := time.Since(w.flushed) >= flushInterval
	if w.segments != nil {
		w.err = w.segments.rest()

		return
	}
	if w.muxer != nil && (asked || due) {
		w.flushed = time.Now()
		w.err = w.muxer.Flush()
	}
	if w.err == nil && (asked || due) {
		w.err = w.output.Flush(asked)
	}
}

// finish ends the file, and tells.
func (w *writer) finish() {
	if w.muxer != nil {
		if w.err == nil {
			w.err = w.muxer.Finish()
		}
		if w.err == nil && w.segments != nil {
			w.err = w.segments.close(w.segments.ends)
		}
	}
	if err := w.close(); w.err == nil {
		w.err = err
	}
	if w.err != nil {
		w.err = failed(w.err)
	}
	w.mu.Lock()
	w.count.Dropped = w.dropped
	for _, i := range w.inputs {
		w.count.Lost += i.missing()
	}
	w.mu.Unlock()
	w.told = true
	w.options.Done(w.err, w.count)
}

// close frees everything, and leaves of what could not be written to its end what plays. It may be called twice.
func (w *writer) close() error {
	muxer, decoded := w.muxer, w.sound
	w.muxer, w.sound = nil, nil
	if muxer != nil {
		muxer.Close()
	}
	if decoded != nil {
		decoded.close()
	}
	if broken, ok := w.output.(*file); ok && w.err != nil {
		broken.salvage()
	}

	return w.output.Close()
}
