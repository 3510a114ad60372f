package media

import (
	"fmt"
	"sync"
	"sync/atomic"
)

// Life is what every Track does about its end and about being enabled. The
// zero value is a live, enabled track. It is safe for concurrent use.
type Life struct {
	disabled atomic.Bool
	// gaps counts how often the track was disabled.
	gaps atomic.Uint64

	mu        sync.Mutex
	ended     bool
	reason    error
	listeners []func(error)
}

// Enabled is W3C's MediaStreamTrack.enabled.
func (l *Life) Enabled() bool { return !l.disabled.Load() }

// Enable sets Enabled and reports whether that changed it.
func (l *Life) Enable(enabled bool) bool {
	if !enabled {
		l.gaps.Add(1)
	}
	return l.disabled.Swap(!enabled) == enabled
}

// Ended reports whether End was called.
func (l *Life) Ended() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.ended
}

// EndedError is ErrTrackEnded, with the reason of the end where there is one.
func (l *Life) EndedError() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.reason == nil {
		return ErrTrackEnded
	}
	return fmt.Errorf("%w: %w", ErrTrackEnded, l.reason)
}

// OnEnded calls f once: at the end, or at once if that has been.
func (l *Life) OnEnded(f func(reason error)) {
	l.mu.Lock()
	if !l.ended {
		l.listeners = append(l.listeners, f)
		l.mu.Unlock()
		return
	}
	reason := l.reason
	l.mu.Unlock()
	f(reason)
}

// End calls the listeners, on the caller's goroutine and without a lock held.
// It reports false, and does nothing, when it was called before.
func (l *Life) End(reason error) bool { return l.EndAfter(reason, func() {}) }

// EndAfter is End that calls before, once Ended is true, and then the listeners.
func (l *Life) EndAfter(reason error, before func()) bool {
	l.mu.Lock()
	if l.ended {
		l.mu.Unlock()
		return false
	}
	l.ended, l.reason = true, reason
	listeners := l.listeners
	l.listeners = nil
	l.mu.Unlock()
	before()
	for _, f := range listeners {
		f(reason)
	}
	return true
}
