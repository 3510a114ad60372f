// Package peertest is what the tests of a peer and of its rooms have in common.
package peertest

import (
	"testing"
	"time"
)

// Limit is generous: machines are busy.
const Limit = 10 * time.Second

// Eventually waits for a condition.
func Eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	deadline := time.Now().Add(Limit)
	for !condition() {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within %v", what, Limit)
		}
		time.Sleep(5 * time.Millisecond)
	}
}
