package capture

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/container"
)

// fakeCamera takes a picture each interval, and has it ready some time later, each time another.
type fakeCamera struct {
	*av.Demuxer
	interval time.Duration
	began    time.Time
	steady   time.Duration
	pictures int
	reads    atomic.Int64
}

func (f *fakeCamera) Read() (*av.Packet, error) {
	f.reads.Add(1)
	taken := time.Duration(f.pictures) * f.interval
	if time.Since(f.began) < taken+time.Duration(f.pictures%3)*f.interval/4 {
		return nil, av.ErrAgain
	}
	packet, err := f.Demuxer.Read()
	if err == nil {
		packet.PTS = f.steady + taken
		f.pictures++
	}
	return packet, err
}

// watcher takes the times of so many pictures, and then ends what plays.
type watcher struct {
	most  int
	times []time.Duration
	enough,
	failed func()
}

func (*watcher) Wanted(media.Kind) bool         { return true }
func (*watcher) Expected(media.Kind) bool       { return false }
func (*watcher) Held() bool                     { return false }
func (*watcher) LeaveOut(int)                   {}
func (*watcher) DeliverAudio(*media.AudioFrame) {}
func (w *watcher) EndKind(media.Kind, error)    { w.failed() }
func (w *watcher) Awaited() bool                { return false }
func (w *watcher) DeliverVideo(frame *media.VideoFrame, _ int) {
	if w.times = append(w.times, frame.PTS); len(w.times) == w.most {
		w.enough()
	}
}

// openFake gives a camera of whose pictures the times are those of fake.
func openFake(t *testing.T, interval time.Duration) (*camera, *fakeCamera) {
	t.Helper()
	inner, err := av.OpenDevice("lavfi", "color=red:s=64x64:r=25", nil)
	if err != nil {
		t.Fatal(err)
	}
	c, err := container.New("camera", inner)
	if err != nil {
		t.Fatal(err)
	}
	inner.SetActive(c.Video().Index, true)
	decoder, err := av.NewVideoDecoder(*c.Video())
	if err != nil {
		t.Fatal(err)
	}
	fake := &fakeCamera{Demuxer: inner, interval: interval, began: time.Now(), steady: steadyTime()}
	cam := &camera{packets: fake, decoder: decoder, clock: newCameraClock(time.Now())}
	t.Cleanup(cam.Close)
	return cam, fake
}

func TestPicturesOfACameraAreOfWhenTheyWereTaken(t *testing.T) {
	const most = 30
	interval := 40 * time.Millisecond
	cam, fake := openFake(t, interval)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	seen := &watcher{most: most, enough: cancel, failed: func() { t.Error("it ended") }}
	cam.DeliverTo(seen)
	cam.Run(ctx, nil)
	if len(seen.times) < most {
		t.Fatalf("%d pictures", len(seen.times))
	}
	uneven := 0
	for i := 1; i < most; i++ {
		if off := seen.times[i] - seen.times[i-1] - interval; off.Abs() > 5*time.Millisecond {
			uneven++
		}
	}
	// What is read more than a second late is not believed.
	if uneven > most/4 {
		t.Errorf("%d of %d pictures are at other times: %v", uneven, most, seen.times)
	}
	if reads := int(fake.reads.Load()); reads > most*6 {
		t.Errorf("the camera was asked %d times for %d pictures", reads, most)
	}
}

func TestACameraIsLeftAtOnce(t *testing.T) {
	cam, fake := openFake(t, time.Hour)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	seen := &watcher{most: 1, enough: cancel, failed: func() { t.Error("it ended") }}
	cam.DeliverTo(seen)
	cam.Run(ctx, nil)
	if fake.pictures == 0 || context.Cause(ctx) != context.Canceled {
		t.Errorf("%d pictures, %v", fake.pictures, context.Cause(ctx))
	}
}

func TestStampsOfADriverAreBelievedWhereTheyCanBe(t *testing.T) {
	now, steady := time.Now(), time.Hour
	for name, test := range map[string]struct{ stamp, want time.Duration }{
		"steady":     {steady - 30*time.Millisecond, 970 * time.Millisecond},
		"wall":       {time.Duration(now.UnixNano()) - 30*time.Millisecond, 970 * time.Millisecond},
		"now":        {steady, time.Second},
		"none":       {av.NoTime, time.Second},
		"zero":       {0, time.Second},
		"too old":    {steady - 2*time.Second, time.Second},
		"to come":    {steady + time.Millisecond, time.Second},
		"before all": {steady - mostAge + 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCameraClock(now.Add(-time.Second))
			first := c.place(test.stamp, now, steady)
			if first != test.want {
				t.Errorf("at %v, want %v", first, test.want)
			}
			// Times never go back, nor do two pictures have the same.
			if second := c.place(test.stamp, now, steady); second < first+container.LeastBetween {
				t.Errorf("%v after %v", second, first)
			}
		})
	}
}

func TestACameraIsAskedWhenItsNextPictureIsDue(t *testing.T) {
	now := time.Now()
	for name, test := range map[string]struct{ interval, since, want time.Duration }{
		"just had one":  {40 * time.Millisecond, 0, 36 * time.Millisecond},
		"half-way":      {40 * time.Millisecond, 20 * time.Millisecond, 16 * time.Millisecond},
		"due":           {40 * time.Millisecond, 38 * time.Millisecond, cameraPoll},
		"late":          {40 * time.Millisecond, time.Second, cameraPoll},
		"a slow one":    {time.Second, 0, mostCameraPause - cameraPoll},
		"not known yet": {0, 0, cameraPoll},
	} {
		c := cameraClock{came: now.Add(-test.since), interval: test.interval}
		if got := c.pause(now); got != test.want {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}
