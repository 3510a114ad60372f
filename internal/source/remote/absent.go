package remote

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
)

// errAbsent is a playlist that names nothing but what the server doesn't have.
var errAbsent = errors.New("segments are named that the server does not have (404)")

const (
	// mostAbsent is how often the same resource may be missing while a URL is opened.
	mostAbsent = 3
	// firstAbsence is before a missing resource is asked for again; each next pause
	// is twice as long as the one before, up to longestAbsence.
	firstAbsence   = 100 * time.Millisecond
	longestAbsence = 2 * time.Second
	// reopenPause is before a URL is opened again that has no segments yet.
	reopenPause = 500 * time.Millisecond
)

// absence counts how often the same resource was missing in a row. FFmpeg's demuxer
// of DASH asks for it again without a pause, and without a look at the manifest
// where that named no segment yet.
type absence struct {
	mu      sync.Mutex
	address string
	times   int
	// giveUp ends the opening that goes on; nil when the URL is open.
	giveUp context.CancelCauseFunc
}

func (a *absence) opening(giveUp context.CancelCauseFunc) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.address, a.times, a.giveUp = "", 0, giveUp
}

// stop ends the opening that goes on.
func (a *absence) stop(cause error) {
	a.mu.Lock()
	giveUp := a.giveUp
	a.mu.Unlock()
	if giveUp != nil {
		giveUp(cause)
	}
}

// add is called for a resource that is missing; it takes its time.
func (a *absence) add(ctx context.Context, address string) {
	a.mu.Lock()
	if address != a.address {
		a.address, a.times = address, 0
	}
	a.times++
	times, giveUp := a.times, a.giveUp
	a.mu.Unlock()
	switch {
	case times >= mostAbsent && giveUp != nil:
		giveUp(errAbsent)
	case times > 1:
		wait(ctx, min(firstAbsence<<min(times-2, 8), longestAbsence))
	}
}

// wait reports whether ctx lived on.
func wait(ctx context.Context, pause time.Duration) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// open opens the URL, once it has segments if it is a live playlist that just begins.
func (u *urlSource) open(ctx context.Context) (*av.Demuxer, error) {
	for absent := false; ; absent = true {
		demuxer, err := u.attempt(ctx)
		if err != nil && absent && ctx.Err() != nil {
			// The time was over within a later attempt.
			return nil, errAbsent
		}
		if !errors.Is(err, errAbsent) {
			return demuxer, err
		}
		if !wait(ctx, reopenPause) {
			return nil, err
		}
	}
}
