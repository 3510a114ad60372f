package media

import (
	"testing"
	"time"
)

func TestClockMovesOnlyWhileItRuns(t *testing.T) {
	var c Clock
	now := time.Now()
	check := func(after, want time.Duration) {
		t.Helper()
		if got := c.Position(now.Add(after)); got != want {
			t.Errorf("at %v: position %v, want %v", after, got, want)
		}
	}
	check(time.Hour, 0)
	c.Start(now)
	c.Start(now.Add(time.Second))
	check(2*time.Second, 2*time.Second)
	c.Stop(now.Add(3 * time.Second))
	c.Stop(now.Add(9 * time.Second))
	check(time.Hour, 3*time.Second)
	c.Start(now.Add(10 * time.Second))
	check(11*time.Second, 4*time.Second)
	c.Delay(500 * time.Millisecond)
	check(11*time.Second, 3500*time.Millisecond)
}

func TestKeyframeRequestsWaitForTheInterval(t *testing.T) {
	var k KeyframeRequests
	now := time.Now()
	if k.Due(now) {
		t.Error("due without a request")
	}
	k.Add()
	k.Add()
	if !k.Due(now) {
		t.Error("the first request is not due")
	}
	k.Made(now)
	if k.Due(now.Add(time.Hour)) {
		t.Error("answered requests are due again")
	}
	k.Add()
	if k.Due(now.Add(KeyframeInterval - 1)) {
		t.Error("due too early")
	}
	if !k.Due(now.Add(KeyframeInterval)) {
		t.Error("an early request was forgotten")
	}
}
