package media

import (
	"errors"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type upstream struct {
	mu       sync.Mutex
	requests int
	targets  []int
	closed   int
}

func (u *upstream) RequestKeyframe() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.requests++
}

func (u *upstream) SetTargetBitrate(bps int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.targets = append(u.targets, bps)
}

func (u *upstream) Stats() FeedStats { return FeedStats{Encoder: "test"} }

func (u *upstream) FeedClosed() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.closed++
}

func (u *upstream) lastTarget() int {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.targets[len(u.targets)-1]
}

type recorder struct {
	mu     sync.Mutex
	frames []*EncodedFrame
}

func (r *recorder) WriteFrame(frame *EncodedFrame) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.frames = append(r.frames, frame)
}

func (r *recorder) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.frames)
}

func TestVideoFeedsBeginAndResumeWithAKeyframe(t *testing.T) {
	up := &upstream{}
	fanout := NewFanout(Video, up)
	life, sink := &Life{}, &recorder{}
	delta, key := &EncodedFrame{}, &EncodedFrame{Keyframe: true}
	feed := fanout.Add(life, sink)
	if up.requests != 1 {
		t.Errorf("%d keyframe requests of a new feed", up.requests)
	}
	write := func(frame *EncodedFrame, want int) {
		t.Helper()
		fanout.Write(frame)
		if sink.count() != want {
			t.Fatalf("%d frames, want %d", sink.count(), want)
		}
	}
	write(delta, 0)
	write(key, 1)
	write(delta, 2)
	life.Enable(false)
	if fanout.Wanted() {
		t.Error("wanted although nothing is enabled")
	}
	write(key, 2)
	life.Enable(true)
	write(delta, 2)
	write(key, 3)
	// Disabled and enabled again between two frames.
	life.Enable(false)
	life.Enable(true)
	write(delta, 3)
	write(key, 4)
	feed.Close()
	feed.Close()
	write(key, 4)
	if up.closed != 1 || fanout.Len() != 0 {
		t.Errorf("closed %d times, %d feeds", up.closed, fanout.Len())
	}
}

func TestAudioFeedsNeedNoKeyframe(t *testing.T) {
	up := &upstream{}
	fanout := NewFanout(Audio, up)
	life, sink := &Life{}, &recorder{}
	feed := fanout.Add(life, sink)
	feed.RequestKeyframe()
	fanout.Write(&EncodedFrame{})
	life.Enable(false)
	fanout.Write(&EncodedFrame{})
	life.Enable(true)
	fanout.Write(&EncodedFrame{})
	if sink.count() != 2 || up.requests != 0 {
		t.Errorf("%d frames, %d requests", sink.count(), up.requests)
	}
}

func TestDisabledTracksFollowTheStandIn(t *testing.T) {
	up := &upstream{}
	fanout := NewFanout(Video, up)
	life, other := &Life{}, &Life{}
	sink, undisturbed := &recorder{}, &recorder{}
	feed := fanout.Add(life, sink)
	fanout.Add(other, undisturbed)
	at := time.Duration(0)
	frame := func(keyframe bool) *EncodedFrame {
		at += time.Second
		return &EncodedFrame{PTS: at, Keyframe: keyframe}
	}
	expect := func(what string, want int) {
		t.Helper()
		if sink.count() != want {
			t.Fatalf("%s: %d frames, want %d", what, sink.count(), want)
		}
	}
	fanout.Write(frame(true))
	fanout.WriteBlank(frame(true))
	expect("enabled", 1)
	if fanout.BlankWanted() || fanout.BlankKeyframes().Due(time.Now()) {
		t.Error("a stand-in is wanted although nothing is disabled")
	}
	life.Enable(false)
	if !fanout.BlankWanted() || !fanout.BlankKeyframes().Due(time.Now()) || !fanout.Wanted() {
		t.Error("no stand-in is wanted")
	}
	fanout.Write(frame(true))
	fanout.WriteBlank(frame(false))
	expect("before a keyframe of the stand-in", 1)
	fanout.WriteBlank(frame(true))
	fanout.BlankKeyframes().Made(time.Now())
	fanout.WriteBlank(frame(false))
	expect("disabled", 3)
	fanout.BlankWanted()
	if later := time.Now().Add(time.Hour); fanout.BlankKeyframes().Due(later) {
		t.Error("a keyframe is due although nobody waits for one")
	}
	feed.RequestKeyframe()
	if later := time.Now().Add(time.Hour); !fanout.BlankKeyframes().Due(later) {
		t.Error("a request while disabled went lost")
	}
	life.Enable(true)
	fanout.WriteBlank(frame(true))
	fanout.Write(frame(false))
	expect("enabled again", 3)
	fanout.Write(frame(true))
	expect("at the keyframe", 4)
	// The stand-in of a picture that was delivered itself is left out.
	life.Enable(false)
	fanout.WriteBlank(&EncodedFrame{PTS: at, Keyframe: true})
	expect("at the same time", 4)
	if undisturbed.count() != 4 {
		t.Errorf("%d frames of the other track", undisturbed.count())
	}
}

func TestTheLowestTargetCounts(t *testing.T) {
	up := &upstream{}
	fanout := NewFanout(Video, up)
	one := fanout.Add(&Life{}, &recorder{})
	two := fanout.Add(&Life{}, &recorder{})
	expect := func(want int) {
		t.Helper()
		if got := up.lastTarget(); got != want {
			t.Errorf("target %d, want %d", got, want)
		}
	}
	expect(0)
	one.SetTargetBitrate(500)
	expect(500)
	two.SetTargetBitrate(300)
	expect(300)
	two.Close()
	expect(500)
	one.SetTargetBitrate(-5)
	expect(1)
	one.Close()
	expect(0)
}

func TestNothingIsDeliveredAfterClose(t *testing.T) {
	fanout := NewFanout(Audio, &upstream{})
	for range 50 {
		sink := &recorder{}
		feed := fanout.Add(&Life{}, sink)
		var all sync.WaitGroup
		stop := make(chan struct{})
		all.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					fanout.Write(&EncodedFrame{})
				}
			}
		})
		for sink.count() == 0 {
			time.Sleep(time.Microsecond)
		}
		feed.Close()
		n := sink.count()
		time.Sleep(100 * time.Microsecond)
		if sink.count() != n {
			t.Fatal("a frame after Close")
		}
		close(stop)
		all.Wait()
	}
}

func TestLifeTellsItsEndOnce(t *testing.T) {
	var life Life
	cause := errors.New("cause")
	var reasons []error
	life.OnEnded(func(err error) { reasons = append(reasons, err) })
	life.OnEnded(func(error) { life.OnEnded(func(err error) { reasons = append(reasons, err) }) })
	order := ""
	if !life.EndAfter(cause, func() {
		if !life.Ended() {
			t.Error("not ended before the listeners")
		}
		order += "before"
	}) {
		t.Error("the first end is none")
	}
	if life.End(nil) {
		t.Error("ended twice")
	}
	if len(reasons) != 2 || !errors.Is(reasons[0], cause) || !errors.Is(reasons[1], cause) || order != "before" {
		t.Errorf("reasons %v, order %q", reasons, order)
	}
}

func TestLentFramesGoBackOnce(t *testing.T) {
	frame := NewVideoFrame(5, 3)
	if !frame.Valid() || frame.UVStride != 3 || len(frame.V) != 6 {
		t.Errorf("frame %+v", frame)
	}
	frame.Retain()
	frame.Release()
	frame.Release()
	recycled := 0
	frame.Lend(func(*VideoFrame) { recycled++ })
	frame.Retain()
	frame.Release()
	if recycled != 0 {
		t.Error("recycled while held")
	}
	frame.Release()
	if recycled != 1 {
		t.Errorf("recycled %d times", recycled)
	}
	if d := (&AudioFrame{SampleRate: 48000, Channels: 2, Samples: make([]int16, 1920)}).Duration(); d != 20*time.Millisecond {
		t.Errorf("duration %v", d)
	}
}
