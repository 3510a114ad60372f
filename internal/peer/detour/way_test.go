package detour_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/frames"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/detour"
)

func expect(t *testing.T, ok bool, about ...any) {
	t.Helper()
	if !ok {
		t.Fatal(about...)
	}
}

func equal[T comparable](t *testing.T, want, got T) {
	t.Helper()
	expect(t, want == got, "got ", got, ", expected ", want)
}

// far is what comes out of a Way.
type far struct {
	t    *testing.T
	way  *detour.Way
	out  chan *media.EncodedFrame
	mu   sync.Mutex
	keys []int
	news int
}

func newFar(t *testing.T, kind media.Kind) *far {
	t.Helper()
	f := &far{t: t, out: make(chan *media.EncodedFrame, 1000)}
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	f.way = detour.New(detour.Options{
		Kind: kind,
		News: func() { f.count(func() { f.news++ }) },
		Keyframe: func(stream int) {
			f.count(func() { f.keys = append(f.keys, stream) })
		},
		Deliver: func(_ int, frame *media.EncodedFrame) { f.out <- frame },
		Start: func(_ string, run func(context.Context)) {
			running.Go(func() { run(ctx) })
		},
	})
	t.Cleanup(func() {
		f.way.Close()
		stop()
		running.Wait()
	})

	return f
}

func (f *far) count(do func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	do()
}

func (f *far) requested() int {
	f.mu.Lock()
	defer f.mu.Unlock()

	return len(f.keys)
}

func (f *far) send(n int, key bool) *media.EncodedFrame {
	frame := &media.EncodedFrame{
		Data: fmt.Appendf(nil, "frame %d", n), PTS: time.Duration(n) * 20 * time.Millisecond, Keyframe: key, AudioLevel: 30,
	}
	f.way.Send(0, frame, detour.About{SSRC: 5, PayloadType: 96, Timestamp: uint32(n)}) //nolint:gosec // small

	return frame
}

func (f *far) take() *frames.Frame {
	f.t.Helper()
	frame, err := f.way.TakeFrame()
	expect(f.t, err == nil, err)

	return frame
}

func (f *far) write(frame *frames.Frame, data []byte) {
	f.t.Helper()
	again := frames.New(frame.Head, [][]byte{data}, nil)
	expect(f.t, f.way.WriteFrame(again) == nil)
	frame.Release()
}

func (f *far) next() *media.EncodedFrame {
	f.t.Helper()
	select {
	case frame := <-f.out:
		return frame
	case <-time.After(10 * time.Second):
		f.t.Fatal("nothing came back")

		return nil
	}
}

func TestWhatIsWrittenGoesOnWithWhatWasKnownOfTheFrame(t *testing.T) {
	for _, kind := range []media.Kind{media.Audio, media.Video} {
		f := newFar(t, kind)
		sent := f.send(1, true)
		frame := f.take()
		equal(t, "frame 1", string(frame.Planes[0]))
		equal(t, 5, frame.SSRC)
		equal(t, 96, frame.PayloadType)
		equal(t, 1, frame.RTPTimestamp)
		equal(t, 1, frame.Key)
		f.write(frame, []byte("other"))
		back := f.next()
		equal(t, "other", string(back.Data))
		equal(t, sent.PTS, back.PTS)
		expect(t, back.Keyframe)
		equal(t, 30, back.AudioLevel)
		equal(t, "frame 1", string(sent.Data))
	}
}

func TestAReceivedFrameTellsWhatItsPacketsTold(t *testing.T) {
	f := newFar(t, media.Video)
	for n, size := range []int{320, 0, 640, 640, 640} {
		f.way.Send(0, &media.EncodedFrame{
			Data: []byte("abc"), Keyframe: n%2 == 0, PTS: time.Duration(n),
			Received: &media.Reception{Sequence: 7, Sources: []uint32{1, 1 << 31}[:n%3], Spatial: -1, Temporal: n},
		}, detour.About{Width: size, Height: size / 2})
	}
	for n, width := range []float64{320, 320, 640, 640, 640} {
		frame := f.take()
		equal(t, width, frame.Width)
		equal(t, width/2, frame.Height)
		equal(t, float64(n), frame.Temporal)
		expect(t, math.IsNaN(frame.Spatial), frame.Spatial)
		sources := []byte{1, 0, 0, 0, 0, 0, 0, 128}[:4*(n%3)]
		expect(t, len(frame.Planes) == 1 && len(sources) == 0 || bytes.Equal(frame.Planes[1], sources), frame.Planes)
		equal(t, "abc", string(frame.Planes[0]))
		frame.Release()
	}
}

func TestAnUnchangedFrameIsTheOneThatCame(t *testing.T) {
	f := newFar(t, media.Video)
	sent := f.send(1, true)
	frame := f.take()
	f.write(frame, frame.Planes[0])
	equal(t, sent, f.next())
}

func TestFramesThatAreNotWrittenAreGoneAndOrderIsKept(t *testing.T) {
	f := newFar(t, media.Audio)
	for n := range 10 {
		f.send(n, true)
	}
	var taken []*frames.Frame
	for range 10 {
		taken = append(taken, f.take())
	}
	for _, n := range []int{0, 3, 2, 3, 9, 4} {
		f.way.WriteFrame(taken[n]) //nolint:errcheck // looked at by what comes
	}
	for _, n := range []int{0, 3, 9} {
		equal(t, fmt.Sprintf("frame %d", n), string(f.next().Data))
	}
	equal(t, 0, len(f.out))
}

func TestAFrameOfNobodyGoesNowhere(t *testing.T) {
	f := newFar(t, media.Video)
	f.send(1, true)
	for _, sequence := range []float64{0, -1, 2, 1e15} {
		expect(t, f.way.WriteFrame(frames.New(frames.Head{Sequence: sequence}, [][]byte{{1}}, nil)) == nil, sequence)
	}
	frame := f.take()
	f.write(frame, []byte{7})
	expect(t, bytes.Equal([]byte{7}, f.next().Data))
	equal(t, 0, len(f.out))
}

func TestASlowAppLosesPicturesUpToAKeyframeThatIsAskedFor(t *testing.T) {
	f := newFar(t, media.Video)
	const sent = 200
	f.send(0, true)
	for n := 1; n < sent; n++ {
		f.send(n, false)
	}
	expect(t, f.requested() > 0)
	taken := 0
	for frame := f.take(); frame != nil; frame = f.take() {
		equal(t, float64(taken), frame.RTPTimestamp)
		taken++
		frame.Release()
	}
	expect(t, taken < sent, taken)
	f.send(sent, false)
	expect(t, f.take() == nil, "a picture that refers to those that were dropped")
	f.send(sent+1, true)
	frame := f.take()
	equal(t, 1, frame.Key)
	expect(t, frame.Dropped > 0)
	frame.Release()
}

func TestASlowAppLosesTheOldestSound(t *testing.T) {
	f := newFar(t, media.Audio)
	for n := range 200 {
		f.send(n, true)
	}
	equal(t, 0, f.requested())
	first := f.take()
	expect(t, first.RTPTimestamp > 100, first.RTPTimestamp)
	first.Release()
}

func TestSpatialLayersComeOneByOneAndLeaveAsOnePicture(t *testing.T) {
	f := newFar(t, media.Video)
	picture := func(n int) {
		f.way.Send(0, &media.EncodedFrame{
			Data: []byte("abc"), Keyframe: n == 0, PTS: time.Duration(n), Layers: []media.FrameLayer{
				{Data: []byte("a"), Width: 160}, {Data: []byte("b"), Spatial: 1, Width: 320}, {Data: []byte("c"), Spatial: 2, Width: 640},
			},
		}, detour.About{})
	}
	picture(0)
	for want := range 3 {
		frame := f.take()
		equal(t, float64(want), frame.Spatial)
		f.write(frame, []byte{byte('A' + want)})
	}
	back := f.next()
	equal(t, "ABC", string(back.Data))
	equal(t, 3, len(back.Layers))
	equal(t, "B", string(back.Layers[1].Data))
	equal(t, 320, back.Layers[1].Width)

	// The middle one is dropped: what is predicted from it goes too, once the next picture begins.
	picture(1)
	picture(2)
	for n := range 6 {
		if frame := f.take(); n == 1 {
			frame.Release()
		} else {
			f.write(frame, frame.Planes[0])
		}
	}
	equal(t, 1, len(f.next().Layers))
	equal(t, 3, len(f.next().Layers))
}

func TestWhatBelongsToAFeedThatEndedIsForgotten(t *testing.T) {
	f := newFar(t, media.Video)
	f.send(1, true)
	frame := f.take()
	f.way.Forget(0)
	f.write(frame, []byte{1})
	f.send(2, true)
	f.write(f.take(), []byte{2})
	expect(t, bytes.Equal([]byte{2}, f.next().Data))
}

func TestAfterCloseFramesAreTakenAndGoNowhere(t *testing.T) {
	f := newFar(t, media.Video)
	f.send(1, true)
	frame := f.take()
	f.way.Close()
	f.way.Close()
	f.send(2, true)
	f.write(frame, []byte{1})
	expect(t, f.take() == nil)
	equal(t, 0, len(f.out))
}

func TestAFrameThatIsTooLargeIsRefused(t *testing.T) {
	f := newFar(t, media.Video)
	f.send(1, true)
	frame := f.take()
	large := frames.New(frame.Head, [][]byte{make([]byte, detour.MostBytes+1)}, nil)
	expect(t, errors.Is(f.way.WriteFrame(large), detour.ErrTooLarge))
	largest := make([]byte, detour.MostBytes)
	f.write(frame, largest)
	expect(t, bytes.Equal(largest, f.next().Data))
}

func TestManyWriteAtOnceAndWhatComesIsInOrder(t *testing.T) {
	f := newFar(t, media.Video)
	var all sync.WaitGroup
	stop := make(chan struct{})
	for range 4 {
		all.Go(func() {
			for {
				frame, err := f.way.TakeFrame()
				if err == nil && frame != nil {
					if rand.IntN(5) > 0 {
						_ = f.way.WriteFrame(frame)
					}
					frame.Release()
				}
				select {
				case <-stop:
					return
				default:
				}
			}
		})
	}
	for n := range 3000 {
		f.send(n, n%10 == 0)
	}
	close(stop)
	all.Wait()
	f.way.Close()
	last := time.Duration(-1)
	for len(f.out) > 0 {
		frame := <-f.out
		expect(t, frame.PTS > last, frame.PTS, last)
		last = frame.PTS
	}
}
