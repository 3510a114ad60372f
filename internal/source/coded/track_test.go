package coded

import (
	"context"
	"errors"
	"math"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/frames"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

var (
	vp8Key   = []byte{0x10, 0, 0, 0x9d, 1, 0x2a, 64, 1, 240, 0, 5}
	vp8Delta = []byte{0x11, 0, 0, 5}
	vp8      = media.Codec{MimeType: "video/VP8", ClockRate: 90000}
)

// app is who writes the frames of a track.
type app struct {
	*Track
	t         *testing.T
	keyframes atomic.Int64
	bitrates  chan int
	rooms     chan struct{}
	run       chan func(context.Context)
	running   sync.WaitGroup
}

func newApp(t *testing.T, mime string) *app {
	t.Helper()
	a := &app{t: t, bitrates: make(chan int, 100), rooms: make(chan struct{}, 100), run: make(chan func(context.Context), 1)}
	kind := media.Video
	if mime[0] == 'a' {
		kind = media.Audio
	}
	var err error
	a.Track, err = NewTrack(Options{
		Kind: kind, MimeType: mime, Keyframe: func() { a.keyframes.Add(1) },
		Bitrate: func(b int) { a.bitrates <- b }, Room: func() { a.rooms <- struct{}{} },
		Start: func(_ string, f func(context.Context)) { a.run <- f },
	})
	if err != nil {
		t.Fatal(err)
	}

	return a
}

func (a *app) start() {
	f := <-a.run
	a.running.Go(func() { f(context.Background()) })
	a.t.Cleanup(func() {
		a.Stop()
		a.running.Wait()
	})
}

func (a *app) write(data []byte, at float64) error {
	return a.WriteFrame(frames.New(frames.Head{Timestamp: at}, [][]byte{data}, nil))
}

type sink chan *media.EncodedFrame

func (s sink) WriteFrame(frame *media.EncodedFrame) { s <- frame }

func (s sink) next(t *testing.T) *media.EncodedFrame {
	t.Helper()
	select {
	case frame := <-s:
		return frame
	case <-time.After(10 * time.Second):
		t.Fatal("nothing was sent")

		return nil
	}
}

func TestANewFeedBeginsWithAKeyframeThatIsAskedFor(t *testing.T) {
	a := newApp(t, "video/VP8")
	a.start()
	out := make(sink, 10)
	if _, err := a.Attach(vp8, media.EncodingSettings{}, out); err != nil {
		t.Fatal(err)
	}
	if a.keyframes.Load() != 1 {
		t.Fatalf("asked %d times", a.keyframes.Load())
	}
	for i, data := range [][]byte{vp8Delta, vp8Delta, vp8Key, vp8Delta} {
		if err := a.write(data, float64(i)*33000); err != nil {
			t.Fatal(err)
		}
	}
	if first := out.next(t); !first.Keyframe {
		t.Fatal("it began with a frame that refers to others")
	}
	if second := out.next(t); second.Keyframe || second.PTS <= 0 {
		t.Fatalf("%+v", second)
	}
}

func TestRequestsThatComeTogetherAreOne(t *testing.T) {
	var asked int
	r := requests{tell: func() { asked++ }}
	now := time.Now()
	for i := range 10 {
		r.add(now.Add(time.Duration(i) * time.Millisecond))
	}
	if asked != 1 {
		t.Fatalf("asked %d times", asked)
	}
	// None came: it is asked again. Then one comes, and it is not.
	r.sent(false, now.Add(media.KeyframeInterval+20*time.Millisecond))
	if asked != 2 {
		t.Fatalf("asked %d times", asked)
	}
	r.sent(true, now.Add(time.Second))
	r.sent(false, now.Add(2*time.Second))
	if asked != 2 {
		t.Fatalf("asked %d times", asked)
	}
}

func TestEstimatesAreToldWhereTheyChange(t *testing.T) {
	var told []int
	b := bitrate{tell: func(n int) { told = append(told, n) }}
	now := time.Now()
	for i := range 100 {
		b.set(1_000_000+i*100, now.Add(time.Duration(i)*10*time.Millisecond))
	}
	b.set(500_000, now.Add(2*time.Second))
	b.set(600_000, now.Add(2001*time.Millisecond))
	b.tellIfDue(now.Add(3 * time.Second))
	b.set(0, now.Add(4*time.Second))
	if want := []int{1_000_000, 500_000, 600_000}; len(told) != 3 || told[0] != want[0] || told[1] != want[1] || told[2] != want[2] {
		t.Fatalf("%v, expected %v", told, want)
	}
}

func TestTimesGoOnWhateverTheAppSays(t *testing.T) {
	const step = 20 * time.Millisecond
	for name, given := range map[string]func(i int) time.Duration{
		"from anywhere":     func(i int) time.Duration { return time.Hour + time.Duration(i)*step },
		"negative":          func(i int) time.Duration { return -time.Hour + time.Duration(i)*step },
		"repeated":          func(i int) time.Duration { return time.Duration(i/2*2) * step },
		"all the same":      func(int) time.Duration { return 0 },
		"back by an hour":   func(i int) time.Duration { return time.Duration(i)*step - time.Duration(i/50)*time.Hour },
		"ahead by an hour":  func(i int) time.Duration { return time.Duration(i)*step + time.Duration(i/50)*time.Hour },
		"a little too fast": func(i int) time.Duration { return time.Duration(i) * step * 1001 / 1000 },
		"backwards":         func(i int) time.Duration { return -time.Duration(i) * step },
	} {
		var clock times
		now, last := time.Now(), time.Duration(-1)
		for i := range 1000 {
			at := clock.next(given(i), now.Add(time.Duration(i)*step))
			if at <= last {
				t.Fatalf("%s: frame %d at %v after %v", name, i, at, last)
			}
			last = at
		}
		if off := last - 999*step; off.Abs() > mostAstray+100*time.Millisecond {
			t.Errorf("%s: %v off after 20 s", name, off)
		}
	}
}

func TestAPauseOfTheAppIsMadeUpFor(t *testing.T) {
	const step = 20 * time.Millisecond
	var clock times
	now := time.Now()
	var last time.Duration
	for i := range 200 {
		came := now.Add(time.Duration(i) * step)
		if i > 50 && i < 100 {
			// What was held up comes all at once.
			came = now.Add(100 * step)
		}
		at := clock.next(time.Duration(i)*step, came)
		if i > 0 && at-last != step {
			t.Fatalf("frame %d comes %v after the one before", i, at-last)
		}
		last = at
	}
}

func TestTooManyFramesWaitForRoom(t *testing.T) {
	a := newApp(t, "video/VP8")
	written := 0
	for ; a.write(vp8Key, float64(written)) == nil; written++ {
		if written > 10000 {
			t.Fatal("there is no end")
		}
	}
	if err := a.write(vp8Key, 0); !errors.Is(err, ErrFull) {
		t.Fatal(err)
	}
	a.start()
	select {
	case <-a.rooms:
	case <-time.After(10 * time.Second):
		t.Fatal("nobody told of room")
	}
	if err := a.write(vp8Key, 0); err != nil {
		t.Fatal(err)
	}
}

func TestWhatIsRefused(t *testing.T) {
	a := newApp(t, "video/VP8")
	for _, at := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		if err := a.write(vp8Key, at); !errors.Is(err, ErrFrame) {
			t.Errorf("at %v: %v", at, err)
		}
	}
	if err := a.write(make([]byte, MostBytes+1), 0); !errors.Is(err, ErrFrame) {
		t.Error(err)
	}
	if err := a.WriteFrame(frames.New(frames.Head{}, nil, nil)); !errors.Is(err, ErrFrame) {
		t.Error(err)
	}
	if err := a.CheckCodec(media.Codec{MimeType: "video/VP9"}, media.EncodingSettings{}); !errors.Is(err, media.ErrCodecUnavailable) {
		t.Error(err)
	}
	if err := a.CheckCodec(vp8, media.EncodingSettings{Simulcast: true}); !errors.Is(err, media.ErrCodecUnavailable) {
		t.Error(err)
	}
	a.start()
	a.Stop()
	a.Stop()
	if err := a.write(vp8Key, 0); !errors.Is(err, media.ErrTrackEnded) {
		t.Error(err)
	}
	if _, err := a.Attach(vp8, media.EncodingSettings{}, make(sink)); !errors.Is(err, media.ErrTrackEnded) {
		t.Error(err)
	}
	if _, err := NewTrack(Options{Kind: media.Audio, MimeType: "video/VP8"}); err == nil {
		t.Error("sound in VP8")
	}
}

func TestWhatWasWrittenBeforeTheEndIsSent(t *testing.T) {
	a := newApp(t, "audio/opus")
	out := make(sink, 10)
	if _, err := a.Attach(media.Codec{MimeType: "audio/opus"}, media.EncodingSettings{}, out); err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		if err := a.write([]byte{8, byte(i)}, float64(i)*20000); err != nil {
			t.Fatal(err)
		}
	}
	a.Stop()
	a.start()
	for i := range 3 {
		if frame := out.next(t); frame.Data[1] != byte(i) || frame.Duration != 20*time.Millisecond {
			t.Fatalf("%+v", frame)
		}
	}
}

func TestASenderOfLessBitrateSaysSo(t *testing.T) {
	a := newApp(t, "video/VP8")
	a.start()
	free, err := a.Attach(vp8, media.EncodingSettings{}, make(sink, 10))
	if err != nil {
		t.Fatal(err)
	}
	limited, err := a.Attach(vp8, media.EncodingSettings{MaxBitrate: 300_000}, make(sink, 10))
	if err != nil {
		t.Fatal(err)
	}
	if got := free.Stats().HighestBitrate; got < leastHighest {
		t.Errorf("%d", got)
	}
	if got := limited.Stats().HighestBitrate; got != 300_000 {
		t.Errorf("%d", got)
	}
	limited.SetTargetBitrate(200_000)
	if got := <-a.bitrates; got != 200_000 {
		t.Errorf("%d", got)
	}
}

func TestStatsTellOfTheLastSecondAndThatNothingCame(t *testing.T) {
	var c counts
	now := time.Now()
	for i := range 90 {
		c.add(&media.EncodedFrame{Data: make([]byte, 12_500), Keyframe: i%30 == 0}, now.Add(time.Duration(i)*time.Second/30))
	}
	// 3 Mbit/s.
	stats := c.read(now.Add(3 * time.Second))
	if stats.FramesPerSecond < 28 || stats.FramesPerSecond > 32 || stats.FramesEncoded != 90 || stats.KeyframesEncoded != 3 {
		t.Errorf("%+v", stats)
	}
	if highest := float64(stats.HighestBitrate); highest < 2.8e6*growth || highest > 3.2e6*growth {
		t.Errorf("highest %v", highest)
	}
	later := c.read(now.Add(time.Minute))
	if later.FramesPerSecond != 0 || later.HighestBitrate != leastHighest {
		t.Errorf("a minute later %+v", later)
	}
}

func TestAsMuchWaitsAsMayBe(t *testing.T) {
	a := newApp(t, "video/VP8")
	for i := range mostWaiting {
		if err := a.write(vp8Key, float64(i)); err != nil {
			t.Fatalf("frame %d: %v", i, err)
		}
	}
	if err := a.write(vp8Key, 0); !errors.Is(err, ErrFull) {
		t.Errorf("one more: %v", err)
	}
	// The largest frames, with the few bytes that go before each when it is sent.
	a = newApp(t, "video/VP8")
	large := append(append([]byte(nil), vp8Key...), make([]byte, MostBytes-len(vp8Key))...)
	taken := 0
	var err error
	for ; err == nil && taken < mostWaiting; taken++ {
		err = a.write(large, float64(taken))
	}
	if !errors.Is(err, ErrFull) || taken-1 > mostWaitingBytes/MostBytes || taken-1 < 1 {
		t.Errorf("%d of the largest were taken: %v", taken-1, err)
	}
	if err := a.write(append(large, 0), 0); !errors.Is(err, ErrFrame) {
		t.Errorf("one that is larger: %v", err)
	}
}

// Date.now() is a clock as good as others.
func TestTimesThatCountFrom1970LieAsFarApart(t *testing.T) {
	a := newApp(t, "video/VP8")
	a.start()
	out := make(sink, 10)
	if _, err := a.Attach(vp8, media.EncodingSettings{}, out); err != nil {
		t.Fatal(err)
	}
	var last time.Duration
	for i := range 10 {
		if err := a.write(vp8Key, 1.8e15+float64(i)*33000); err != nil {
			t.Fatal(err)
		}
		frame := out.next(t)
		if apart := frame.PTS - last; i > 0 && apart != 33*time.Millisecond {
			t.Fatalf("frame %d comes %v after the one before it", i, apart)
		}
		last = frame.PTS
	}
}

// Lengths are added up, and containers have 32 bits for them.
func TestAFrameIsOfALengthThatCanBe(t *testing.T) {
	a := newApp(t, "video/VP8")
	a.start()
	out := make(sink, 10)
	if _, err := a.Attach(vp8, media.EncodingSettings{}, out); err != nil {
		t.Fatal(err)
	}
	for said, want := range map[float64]time.Duration{
		0: 0, 33000: 33 * time.Millisecond, 20e6: 20 * time.Second, 1<<53 - 1: mostLength, 1e300: mostLength, -1e300: 0, math.NaN(): 0,
	} {
		if err := a.WriteFrame(frames.New(frames.Head{Duration: said}, [][]byte{vp8Key}, nil)); err != nil {
			t.Fatal(err)
		}
		if got := out.next(t).Duration; got != want {
			t.Errorf("of %v µs: %v, want %v", said, got, want)
		}
	}
}
