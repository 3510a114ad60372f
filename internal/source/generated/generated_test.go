package generated

import (
	"context"
	"errors"
	"math"
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec/codectest"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/frames"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/sound"
)

// heard keeps what is delivered.
type heard struct {
	samples  []int16
	pictures []*media.VideoFrame
	left     int
}

func (*heard) Wanted(media.Kind) bool    { return true }
func (*heard) Expected(media.Kind) bool  { return true }
func (*heard) Held() bool                { return false }
func (h *heard) LeaveOut(n int)          { h.left += n }
func (*heard) EndKind(media.Kind, error) {}
func (h *heard) DeliverAudio(piece *media.AudioFrame) {
	h.samples = append(h.samples, piece.Samples...)
}

func (h *heard) Awaited() bool { return false }
func (h *heard) DeliverVideo(frame *media.VideoFrame, _ int) {
	frame.Retain()
	h.pictures = append(h.pictures, frame)
}

// soundFrame is a tone of one channel, in 32-bit floating point.
func soundFrame(hz float64, rate, start, count int) *frames.Frame {
	plane := make([]byte, 0, 4*count)
	for i := range count {
		bits := math.Float32bits(float32(0.5 * math.Sin(2*math.Pi*hz*float64(start+i)/float64(rate))))
		plane = append(plane, byte(bits), byte(bits>>8), byte(bits>>16), byte(bits>>24))
	}
	return frames.New(frames.Head{
		Kind: frames.KindAudio, Format: float64(frames.F32), SampleRate: float64(rate), Channels: 1, Samples: float64(count),
	}, [][]byte{plane}, nil)
}

func TestSoundOfAnyLengthAndRateIsNeitherLongerNorShorterInTenMinutes(t *testing.T) {
	for _, rate := range []int{8000, 16000, 44100, 48000} {
		a, out := NewAudio(Told{}), &heard{}
		a.DeliverTo(out)
		sizes, start, number := []int{1, 441, 333, 1600, 77}, 0, 0
		delivered := 0
		for second := range 600 {
			for start < (second+1)*rate {
				count := min(sizes[number%len(sizes)], (second+1)*rate-start)
				number++
				for {
					f := soundFrame(440, rate, start, count)
					err := a.Write(f)
					f.Release()
					if err == nil {
						break
					}
					if !errors.Is(err, ErrFull) {
						t.Fatal(err)
					}
					a.play(0)
					delivered += len(out.samples)
					out.samples = out.samples[:0]
				}
				start += count
			}
		}
		for a.Queued() > 0 {
			a.play(0)
			delivered += len(out.samples)
			out.samples = out.samples[:0]
		}
		// Padded to whole pieces at the end, and one beat late.
		if most := 600*sound.Rate + 3*960; delivered < 600*sound.Rate || delivered > most {
			t.Errorf("%d Hz: %d samples", rate, delivered)
		}
		a.Close()
	}
}

func TestATonePassesTheCutsWithoutClicks(t *testing.T) {
	a, out := NewAudio(Told{}), &heard{}
	a.DeliverTo(out)
	defer a.Close()
	for start := 0; start < 16000; start += 333 {
		f := soundFrame(440, 16000, start, 333)
		if err := a.Write(f); err != nil {
			break
		}
		f.Release()
	}
	for range 45 {
		a.play(0)
	}
	if share := codectest.ToneShare(out.samples, sound.Rate, 1, 440); share < 0.99 {
		t.Errorf("share %v", share)
	}
}

func TestClearDropsAndMarksAreReached(t *testing.T) {
	sent, drained := 0, 0
	a, out := NewAudio(Told{Sent: func() { sent++ }, Drain: func() { drained++ }}), &heard{}
	a.DeliverTo(out)
	for range 4 {
		f := soundFrame(440, 48000, 0, 12000)
		if err := a.Write(f); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.Write(soundFrame(440, 48000, 0, 10)); !errors.Is(err, ErrFull) {
		t.Fatalf("error %v", err)
	}
	a.Mark()
	a.play(0)
	if sent != 0 || drained != 0 {
		t.Errorf("%d sent, %d drained", sent, drained)
	}
	a.Clear()
	out.samples = nil
	a.play(0)
	if sent != 1 || drained != 1 || a.Queued() != 0 || codectest.ToneShare(out.samples, sound.Rate, 1, 440) > 0.01 {
		t.Errorf("%d sent, %d drained, %v queued", sent, drained, a.Queued())
	}
	a.Close()
	if err := a.Write(soundFrame(440, 48000, 0, 10)); !errors.Is(err, ErrEnded) {
		t.Errorf("error %v", err)
	}
}

func TestBeatsLoseNoPieceUntilTheMachineSleeps(t *testing.T) {
	now := epoch.Add(time.Hour)
	b, next := newBeats(now), 0
	for _, step := range []time.Duration{0, 3, 17, 20, 61, 100, 19, 1} {
		now = now.Add(step * time.Millisecond)
		first, count, wait := b.due(now)
		if first != next || wait <= 0 || wait > sound.PieceDuration {
			t.Errorf("after %v: %d from %d, next in %v", step, count, first, wait)
		}
		next += count
	}
	if _, count, _ := b.due(now.Add(time.Hour)); count != int(mostLate/sound.PieceDuration) {
		t.Errorf("%d pieces after an hour", count)
	}
}

func TestTimesOfTheAppOnlyMakePicturesEven(t *testing.T) {
	ms := func(n int) time.Duration { return time.Duration(n) * time.Millisecond }
	for name, stamp := range map[string]func(i int) time.Duration{
		"even": func(i int) time.Duration { return ms(40 * i) },
		"zero": func(int) time.Duration { return 0 },
		"back": func(i int) time.Duration { return -ms(40 * i) },
		"jump": func(i int) time.Duration { return ms(40*i + 10_000*(i/7)) },
		"fast": func(i int) time.Duration { return ms(80 * i) },
	} {
		var where times
		last := time.Duration(0)
		for i := range 200 {
			arrival := ms(40*i + 7*(i%3))
			at := where.place(stamp(i), arrival)
			if at <= last || (at-arrival).Abs() > mostApart+ms(100) {
				t.Fatalf("%s: picture %d at %v, written at %v, after %v", name, i, at, arrival, last)
			}
			last = at
		}
	}
}

func TestPicturesAreTurnedUprightAndKeptEven(t *testing.T) {
	for _, rotation := range []float64{0, 90, 180, 270} {
		for _, format := range []frames.PixelFormat{frames.I420, frames.I422, frames.I444, frames.NV12, frames.RGBA, frames.RGBX, frames.BGRA, frames.BGRX} {
			v, out := NewVideo(Told{}), &heard{}
			v.DeliverTo(out)
			head := frames.Head{Kind: frames.KindVideo, Format: float64(format), Width: 65, Height: 33}
			f, err := frames.Copy(head, make([]byte, 65*33*4))
			if err != nil {
				t.Fatal(err)
			}
			turned := f.With(frames.Head{Rotation: rotation})
			f.Release()
			if err := v.Write(turned); err != nil {
				t.Fatal(err)
			}
			turned.Release()
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			for v.step() {
			}
			v.Run(ctx, nil)
			width, height := 64, 32
			if rotation == 90 || rotation == 270 {
				width, height = 32, 64
			}
			if len(out.pictures) != 1 || out.pictures[0].Width != width || out.pictures[0].Height != height || !out.pictures[0].Valid() {
				t.Errorf("format %v at %v: %d pictures", format, rotation, len(out.pictures))
			}
			for _, one := range out.pictures {
				one.Release()
			}
			v.Close()
		}
	}
}

func TestAsManyPicturesWaitAsMayBe(t *testing.T) {
	v := NewVideo(Told{})
	picture, err := frames.Copy(frames.Head{Kind: frames.KindVideo, Format: float64(frames.I420), Width: 2, Height: 2}, make([]byte, 6))
	if err != nil {
		t.Fatal(err)
	}
	defer picture.Release()
	for i := range mostPictures {
		if err := v.Write(picture); err != nil {
			t.Fatalf("picture %d: %v", i, err)
		}
	}
	if err := v.Write(picture); !errors.Is(err, ErrFull) {
		t.Errorf("one more: %v", err)
	}
	v.Clear()
	if err := v.Write(picture); err != nil {
		t.Errorf("after they were dropped: %v", err)
	}
}
