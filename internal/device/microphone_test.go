package device

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/recovery"
)

func TestAPanicOnTheThreadOfSoundReachesItsOwner(t *testing.T) {
	told := ""
	ctx := recovery.WithOwner(context.Background(), func(message, stack string) { told = message + stack })
	m := &Microphone{owner: ctx, rate: 8000, channels: 1, ready: make(chan struct{}, 1)}
	m.take(nil, []byte{1, 0, 2, 0}, 2)
	<-m.ready
	// Nobody can be told any more.
	close(m.ready)
	m.take(nil, []byte{3, 0}, 1)
	if !strings.Contains(told, "closed channel") || !strings.Contains(told, "microphone.go") {
		t.Errorf("told %q", told)
	}
	if samples, lost := m.Read(nil); !slices.Equal(samples, []int16{1, 2, 3}) || lost {
		t.Errorf("got %v, %t", samples, lost)
	}
}
