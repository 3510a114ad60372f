package media

import (
	"sync"
	"time"
)

// KeyframeInterval is the shortest time between two keyframes on request.
const KeyframeInterval = 300 * time.Millisecond

// KeyframeRequests merges requests: however many come, at most one is due each
// KeyframeInterval. One that comes too early waits, for the keyframe before it
// may be the one that got lost. The zero value is ready.
type KeyframeRequests struct {
	mu      sync.Mutex
	pending bool
	last    time.Time
}

// Add asks for a keyframe.
func (k *KeyframeRequests) Add() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.pending = true
}

// Due reports whether the next frame has to be a keyframe.
func (k *KeyframeRequests) Due(now time.Time) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.pending && (k.last.IsZero() || now.Sub(k.last) >= KeyframeInterval)
}

// Made tells that a keyframe was made of a frame that was taken at now. It
// answers the requests that came before.
func (k *KeyframeRequests) Made(now time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.pending = false
	k.last = now
}
