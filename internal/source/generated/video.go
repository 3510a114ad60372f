package generated

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/frames"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/routine"
)

const (
	// mostPictures is how many may wait.
	mostPictures = 3
	// again is when a picture that no other followed is shown again: who came later has not seen it.
	again = time.Second
)

// Video is the engine of pictures that are written. Write, Clear and Mark are safe for concurrent use, and don't block.
type Video struct {
	base

	began time.Time
	news  chan struct{}

	mu      sync.Mutex
	waiting []picture
	full    bool
	closed  bool
	cleared bool
	marks   int

	// The rest is the goroutine's.
	converter av.PictureConverter
	times     times
	// shown is the last picture, or unseen what it would be made of: nobody wanted it.
	shown  *media.VideoFrame
	unseen *frames.Frame
}

type picture struct {
	*frames.Frame

	arrival time.Duration
}

// NewVideo makes one.
func NewVideo(told Told) *Video {
	return &Video{base: base{kind: media.Video, told: told}, began: time.Now(), news: make(chan struct{}, 1)}
}

// Write borrows a picture for the call.
func (v *Video) Write(f *frames.Frame) error {
	if f.Kind != frames.KindVideo {
		return fmt.Errorf("%w: a generator of video takes pictures", frames.ErrFormat)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	switch {
	case v.closed:
		return ErrEnded
	case len(v.waiting) >= mostPictures:
		v.full = true
		return ErrFull
	}
	v.waiting = append(v.waiting, picture{f.Retain(), time.Since(v.began)})
	routine.Signal(v.news)
	return nil
}

// Clear drops what waits, and what would be shown again.
func (v *Video) Clear() {
	v.mu.Lock()
	waiting := v.waiting
	v.waiting, v.cleared = nil, true
	v.mu.Unlock()
	for _, one := range waiting {
		one.Release()
	}
	routine.Signal(v.news)
}

// Mark asks for a call of Sent once what was written so far has gone out.
func (v *Video) Mark() {
	v.mu.Lock()
	v.marks++
	v.mu.Unlock()
	routine.Signal(v.news)
}

// Queued is how long what waits plays: pictures don't wait for their time.
func (v *Video) Queued() time.Duration { return 0 }

// Run implements engine.Engine.
func (v *Video) Run(ctx context.Context, wake <-chan struct{}) {
	timer := time.NewTimer(again)
	defer timer.Stop()
	for {
		for v.step() {
			timer.Reset(again)
		}
		select {
		case <-ctx.Done():
			return
		case <-v.news:
		case <-wake:
			if v.unseen != nil {
				v.showAgain()
			}
		case <-timer.C:
			v.showAgain()
			timer.Reset(again)
		}
	}
}

// step shows a picture, if one waits.
func (v *Video) step() bool {
	v.mu.Lock()
	if v.cleared {
		v.cleared = false
		v.forget()
	}
	if len(v.waiting) == 0 {
		marks, full := v.marks, v.full
		v.marks, v.full = 0, false
		v.mu.Unlock()
		v.tell(full, marks)
		return false
	}
	next := v.waiting[0]
	v.waiting = append(v.waiting[:0], v.waiting[1:]...)
	full := v.full
	v.full = false
	v.mu.Unlock()
	v.tell(full, 0)
	at := v.times.place(frames.Time(next.Timestamp), next.arrival)
	v.forget()
	if !v.output.Wanted(media.Video) {
		v.unseen = next.Frame
		return true
	}
	v.show(next.Frame, at)
	next.Release()
	return true
}

func (v *Video) show(f *frames.Frame, at time.Duration) {
	one, err := v.converter.ToI420(f, at)
	if err != nil {
		// It was of no use, and the next may be.
		v.output.LeaveOut(1)
		return
	}
	v.shown = one
	v.output.DeliverVideo(one, 0)
}

func (v *Video) tell(full bool, marks int) {
	if full {
		v.told.drain()
	}
	v.told.sent(marks)
}

// forget gives back the picture that was last.
func (v *Video) forget() {
	if v.shown != nil {
		v.shown.Release()
	}
	if v.unseen != nil {
		v.unseen.Release()
	}
	v.shown, v.unseen = nil, nil
}

func (v *Video) showAgain() {
	if !v.output.Wanted(media.Video) {
		return
	}
	switch {
	case v.unseen != nil:
		f := v.unseen
		v.unseen = nil
		v.show(f, v.times.again(time.Since(v.began)))
		f.Release()
	case v.shown != nil:
		one := v.shown.At(v.times.again(time.Since(v.began)))
		v.output.DeliverVideo(one, 0)
		one.Release()
	}
}

// Close implements engine.Engine.
func (v *Video) Close() {
	v.mu.Lock()
	v.closed = true
	waiting := v.waiting
	v.waiting = nil
	v.mu.Unlock()
	for _, one := range waiting {
		one.Release()
	}
	v.forget()
	v.converter.Close()
	v.told.closed()
}
