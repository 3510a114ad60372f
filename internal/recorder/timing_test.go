package recorder

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// reportedTrack is a track whose sender reports.
type reportedTrack struct {
	fakeTrack
	report media.SenderReport
}

func (t *reportedTrack) SenderReport() media.SenderReport { return t.report }

// way is how a track comes: its clock, what it begins with, how long it takes, and how often its sender reports.
type way struct {
	track  *reportedTrack
	input  *input
	rate   float64
	first  uint32
	delay  time.Duration
	every  time.Duration
	latest time.Duration
}

func newWay(r *Recorder, c media.Codec, kind media.Kind) *way {
	track := &reportedTrack{fakeTrack: fakeTrack{kind: kind, codec: c}}

	return &way{track: track, rate: 1, input: &input{recorder: r, track: track, codec: c}}
}

func (w *way) timestamp(at time.Duration) uint32 {
	ticks := time.Duration(float64(at)*w.rate) * time.Duration(w.track.codec.ClockRate) / time.Second

	return w.first + uint32(ticks) //nolint:gosec // wraps around, as it is meant to
}

// time is what the recorder takes the frame of a moment for.
func (w *way) time(r *Recorder, at time.Duration, random *rand.Rand) time.Duration {
	noise := func(most int) time.Duration { return time.Duration(random.IntN(most)) * time.Millisecond }
	if w.every > 0 && at-w.latest >= w.every {
		w.latest = at
		// mediasoup's clock is that of its machine, and it reports when what is newest came to it.
		w.track.report.At = time.Unix(0, 0).Add(time.Hour + at + noise(12))
		w.track.report.Timestamp = w.timestamp(at)
		w.track.report.Number++
	}
	arrived := at + w.delay + noise(15)
	if random.IntN(50) == 0 {
		// It was lost, and sent again.
		arrived += 50*time.Millisecond + noise(200)
	}
	frame := &media.EncodedFrame{
		PTS: time.Duration(float64(at) * w.rate), Received: &media.Reception{Timestamp: w.timestamp(at)},
	}

	return r.time(w.input, frame, arrived)
}

func TestSoundAndPictureOfASenderThatReportsAreTogetherThoughOneTakesLonger(t *testing.T) {
	const second = time.Second
	for _, delays := range [][2]time.Duration{{0, 400 * time.Millisecond}, {300 * time.Millisecond, 20 * time.Millisecond}} {
		for _, wrong := range []float64{0, 0.0001, -0.0002} {
			random := rand.New(rand.NewPCG(1, 2))
			r := &Recorder{clocks: make(map[any]*timeline)}
			sound := newWay(r, codecNamed(t, codec.MimeOpus), media.Audio)
			picture := newWay(r, codecNamed(t, codec.MimeVP8), media.Video)
			sound.delay, sound.every, sound.rate = delays[0], 5*second, 1+wrong
			picture.delay, picture.every, picture.first = delays[1], second, 1<<32-90_000
			for _, w := range []*way{sound, picture} {
				w.track.report.Clock = r
			}
			var worst time.Duration
			for at := time.Duration(0); at < 10*time.Minute; at += 20 * time.Millisecond {
				heard := sound.time(r, at, random)
				if at%(40*time.Millisecond) != 0 {
					continue
				}
				if seen := picture.time(r, at, random); at > 6*second {
					worst = max(worst, (heard - seen).Abs())
				}
			}
			if worst > 40*time.Millisecond {
				t.Errorf("delays %v, clocks wrong by %v: apart by %v", delays, wrong, worst)
			}
		}
	}
}

func TestReportsThatMakeNoSenseAreNoTimes(t *testing.T) {
	for name, report := range map[string]media.SenderReport{
		"none":             {},
		"of an old stream": {Number: 1, At: time.Unix(5, 0), Timestamp: 1 << 31},
		"another stream's": {Number: 1, At: time.Unix(5, 0), Timestamp: 90_000 * 20},
	} {
		random := rand.New(rand.NewPCG(1, 2))
		r := &Recorder{clocks: make(map[any]*timeline)}
		one, other := newWay(r, codecNamed(t, codec.MimeVP8), media.Video), newWay(r, codecNamed(t, codec.MimeVP8), media.Video)
		other.every = time.Second
		one.track.report = report
		for at := time.Duration(0); at < 20*time.Second; at += 40 * time.Millisecond {
			other.time(r, at, random)
			if late := one.time(r, at, random) - at; late < -20*time.Millisecond || late > 300*time.Millisecond {
				t.Fatalf("%s: %v late at %v", name, late, at)
			}
		}
	}
}
