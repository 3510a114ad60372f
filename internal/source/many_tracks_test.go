package source_test

import (
	"runtime"
	"strconv"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source"
)

// An app that has very many tracks of one source stops each of them as quickly as one that has few.
func TestStoppingATrackTakesNoLongerTheMoreThereAre(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	f := newFixture(t)
	opened := f.open(t, source.Spec{Value: clip(t, "many.wav", tone440, length("0.5"))}, true, false)
	defer opened.Audio.Stop()
	stopping := func(n int) time.Duration {
		clones := make([]media.Track, n)
		for i := range clones {
			clone, err := opened.Audio.(media.Cloner).Clone(strconv.Itoa(i))
			if err != nil {
				t.Fatal(err)
			}
			clones[i] = clone
		}
		before := ofThread(t)
		for _, clone := range clones {
			clone.Stop()
		}
		return ofThread(t) - before
	}
	// Eight times as many take eight times as long, and would take 64 times as long if each looked at all.
	few, many := time.Hour, time.Hour
	for range 3 {
		few, many = min(few, stopping(4000)), min(many, stopping(32_000))
	}
	if many > 24*few {
		t.Errorf("4,000 take %v, and 32,000 %v", few, many)
	}
}

// ofThread is the processor time of this thread alone: others may be busy.
func ofThread(t *testing.T) time.Duration {
	t.Helper()
	var used unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &used); err != nil {
		t.Fatal(err)
	}
	return time.Duration(used.Nano())
}
