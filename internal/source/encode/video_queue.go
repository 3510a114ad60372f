package encode

import (
	"context"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/routine"
)

// waitingPicture is a picture that was offered.
type waitingPicture struct {
	*media.VideoFrame
	// live pictures are encoded; others only tell when black ones are due.
	live bool
}

// Offer queues frame, on the player's goroutine. Never blocks.
func (e *Video) Offer(frame *media.VideoFrame, dropped int) {
	live, blank := e.fanout.Wanted(), e.fanout.BlankWanted()
	if !live && !blank {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	live = live && e.inRate(frame.PTS)
	if live {
		e.stats.FramesDropped += uint64(dropped)
	}
	if e.stopped || !live && !blank {
		return
	}
	if len(e.waiting) == mostWaiting {
		if e.waiting[0].live {
			e.stats.FramesDropped++
		}
		e.waiting[0].Release()
		e.waiting = append(e.waiting[:0], e.waiting[1:]...)
	}
	frame.Retain()
	e.waiting = append(e.waiting, waitingPicture{frame, live})
	routine.Signal(e.news)
}

// inRate leaves out pictures above the frame rate that was asked for.
func (e *Video) inRate(pts time.Duration) bool {
	if e.key.settings.MaxFramerate <= 0 {
		return true
	}
	const jitter = 2 * time.Millisecond
	if pts < e.next-jitter {
		return false
	}
	interval := time.Duration(float64(time.Second) / e.key.settings.MaxFramerate)
	e.next += interval
	if e.next < pts {
		e.next = pts + interval
	}
	return true
}

// Awaited reports whether a keyframe is due, of pictures or of black ones.
func (e *Video) Awaited() bool {
	now := time.Now()
	return e.fanout.Wanted() && e.keyframes.Due(now) || e.fanout.BlankWanted() && e.fanout.BlankKeyframes().Due(now)
}

// Drain waits until what was offered has been encoded, or ctx ends. Nothing is
// offered meanwhile.
func (e *Video) Drain(ctx context.Context) {
	for {
		e.mu.Lock()
		over := e.stopped || len(e.waiting) == 0 && !e.busy
		e.mu.Unlock()
		if over {
			return
		}
		select {
		case <-e.rested:
		case <-ctx.Done():
			return
		}
	}
}

func (e *Video) take() (picture waitingPicture, stopped bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.stopped || len(e.waiting) == 0 {
		return waitingPicture{}, e.stopped
	}
	picture = e.waiting[0]
	e.waiting = append(e.waiting[:0], e.waiting[1:]...)
	e.busy = true
	return picture, false
}

func (e *Video) rest() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.busy = false
	routine.Signal(e.rested)
}

// LeaveOut counts pictures that came too late to be offered.
func (e *Video) LeaveOut(dropped int) {
	if !e.fanout.Wanted() {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.stats.FramesDropped += uint64(dropped)
}
