package recorder

import (
	"cmp"
	"math/rand/v2"
	"slices"
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
	// held is how long what is sent at a moment is held up on its way to the server.
	held func(at time.Duration) time.Duration
}

func newWay(r *Recorder, c media.Codec, kind media.Kind) *way {
	track := &reportedTrack{fakeTrack: fakeTrack{kind: kind, codec: c}}

	return &way{
		track: track, rate: 1, input: &input{recorder: r, track: track, codec: c},
		held: func(time.Duration) time.Duration { return 0 },
	}
}

func (w *way) timestamp(at time.Duration) uint32 {
	ticks := time.Duration(float64(at)*w.rate) * time.Duration(w.track.codec.ClockRate) / time.Second

	return w.first + uint32(ticks) //nolint:gosec // wraps around, as it is meant to
}

// arrival is when the frame of a moment comes.
func (w *way) arrival(at time.Duration, random *rand.Rand) time.Duration {
	arrived := at + w.held(at) + w.delay + noise(random, 15)
	if random.IntN(50) == 0 {
		// It was lost, and sent again.
		arrived += 50*time.Millisecond + noise(random, 200)
	}

	return arrived
}

func noise(random *rand.Rand, most int) time.Duration {
	return time.Duration(random.IntN(most)) * time.Millisecond
}

// time is what the recorder takes the frame of a moment for, which came when it arrived.
func (w *way) time(r *Recorder, at, arrived time.Duration, random *rand.Rand) time.Duration {
	if w.every > 0 && at-w.latest >= w.every {
		w.latest = at
		// mediasoup's clock is that of its machine, and it reports when what is newest came to it.
		w.track.report.At = time.Unix(0, 0).Add(time.Hour + at + w.held(at) + noise(random, 12))
		w.track.report.Timestamp = w.timestamp(at)
		w.track.report.Number++
	}
	frame := &media.EncodedFrame{
		PTS: time.Duration(float64(at) * w.rate), Received: &media.Reception{Timestamp: w.timestamp(at)},
	}

	return r.time(w.input, frame, arrived)
}

// mostApartOf is how far apart sound and picture of a moment are in ten minutes. Each comes in order, and they come as they may.
func mostApartOf(r *Recorder, sound, picture *way, random *rand.Rand) time.Duration {
	type arrival struct {
		way         *way
		at, arrived time.Duration
	}
	var arrivals []arrival
	for _, w := range []*way{sound, picture} {
		var last time.Duration
		every := 20 * time.Millisecond
		if w == picture {
			every *= 2
		}
		for at := time.Duration(0); at < 10*time.Minute; at += every {
			last = max(last, w.arrival(at, random))
			arrivals = append(arrivals, arrival{w, at, last})
		}
	}
	slices.SortStableFunc(arrivals, func(a, b arrival) int { return cmp.Compare(a.arrived, b.arrived) })
	times := map[*way]map[time.Duration]time.Duration{sound: {}, picture: {}}
	for _, a := range arrivals {
		times[a.way][a.at] = a.way.time(r, a.at, a.arrived, random)
	}
	var worst time.Duration
	for at, seen := range times[picture] {
		if at > 6*time.Second {
			worst = max(worst, (times[sound][at] - seen).Abs())
		}
	}

	return worst
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
			worst := mostApartOf(r, sound, picture, random)
			if worst > 40*time.Millisecond {
				t.Errorf("delays %v, clocks wrong by %v: apart by %v", delays, wrong, worst)
			}
		}
	}
}

func TestSoundAndPictureStayTogetherWhereTheirWayIsHeldUp(t *testing.T) {
	const second = time.Second
	stalls := func(stall, speed time.Duration) func(time.Duration) time.Duration {
		return func(at time.Duration) time.Duration {
			since := at % (40 * second)
			if since < 20*second {
				return 0
			}
			// What was held up comes as fast as the way is then.
			return max(stall-(since-20*second)*(speed-1)/speed, 0)
		}
	}
	never := func(time.Duration) time.Duration { return 0 }
	for name, held := range map[string][2]func(time.Duration) time.Duration{
		"shortly":                {stalls(second, 20), stalls(second, 20)},
		"for 3 s":                {stalls(3*second, 1000), stalls(3*second, 1000)},
		"for 3 s, the sound":     {stalls(3*second, 1000), never},
		"for 3 s, the picture":   {never, stalls(3*second, 1000)},
		"for 5 s, and is slow":   {stalls(5*second, 2), stalls(5*second, 2)},
		"unequally":              {stalls(2100*time.Millisecond, 20), stalls(6*second, 3)},
		"for 3 s, slowly at one": {stalls(3*second, 1000), stalls(3*second, 2)},
	} {
		t.Run(name, func(t *testing.T) {
			random := rand.New(rand.NewPCG(1, 2))
			r := &Recorder{clocks: make(map[any]*timeline)}
			sound := newWay(r, codecNamed(t, codec.MimeOpus), media.Audio)
			picture := newWay(r, codecNamed(t, codec.MimeVP8), media.Video)
			sound.every, picture.every, picture.delay = 5*second, second, 250*time.Millisecond
			sound.held, picture.held = held[0], held[1]
			for _, w := range []*way{sound, picture} {
				w.track.report.Clock = r
			}
			worst := mostApartOf(r, sound, picture, random)
			if worst > 40*time.Millisecond {
				t.Errorf("apart by %v", worst)
			}
		})
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
			other.time(r, at, other.arrival(at, random), random)
			if late := one.time(r, at, one.arrival(at, random), random) - at; late < -20*time.Millisecond || late > 300*time.Millisecond {
				t.Fatalf("%s: %v late at %v", name, late, at)
			}
		}
	}
}
