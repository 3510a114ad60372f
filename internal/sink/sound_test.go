package sink

import (
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/frames"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// Samples of all that was read would be too many for a time in nanoseconds after 53 hours.
func TestTimesOfSoundDoNotDependOnHowLongItGoesOn(t *testing.T) {
	for _, rate := range []int{8000, 44100, 48000} {
		s, err := newSound(AudioOptions{})
		if err != nil {
			t.Fatal(err)
		}
		defer s.close()
		const begin = 1000 * time.Hour
		last := begin
		put := func(frame *frames.Frame) {
			if want := frames.Microseconds(last); frame.Timestamp < want-1 || frame.Timestamp > want+1 {
				t.Fatalf("%d Hz: a piece at %v µs, want %v", rate, frame.Timestamp, want)
			}
			last += time.Duration(frame.Samples) * time.Second / time.Duration(rate)
			frame.Release()
		}
		for i := range 400 {
			piece := &media.AudioFrame{
				Samples: make([]int16, rate/100), SampleRate: rate, Channels: 1,
				PTS: begin + time.Duration(i)*10*time.Millisecond,
			}
			if err := s.write(piece, true, put); err != nil {
				t.Fatal(err)
			}
		}
		if last != begin+4*time.Second || s.given >= int64(rate) {
			t.Errorf("%d Hz: the end at %v, %d samples are counted", rate, last, s.given)
		}
	}
}

// What a resampler holds back is heard: at the end, before a long gap, and where the sound becomes another.
func TestResampledSoundIsWhole(t *testing.T) {
	const period = 10 * time.Millisecond
	type stretch struct {
		rate, channels, periods int
		gap                     time.Duration
	}
	for name, test := range map[string]struct {
		options   AudioOptions
		stretches []stretch
	}{
		"to its end":              {AudioOptions{SampleRate: 16000, Channels: 1}, []stretch{{48000, 2, 50, 0}}},
		"short":                   {AudioOptions{SampleRate: 16000, Channels: 1}, []stretch{{44100, 1, 1, 0}}},
		"in pieces":               {AudioOptions{SampleRate: 16000, FrameDuration: 30 * time.Millisecond}, []stretch{{48000, 2, 50, 0}}},
		"to more":                 {AudioOptions{SampleRate: 48000, Channels: 2}, []stretch{{8000, 1, 33, 0}}},
		"of rates that change":    {AudioOptions{SampleRate: 16000, Channels: 1}, []stretch{{48000, 2, 10, 0}, {44100, 1, 10, 0}, {8000, 1, 10, 0}}},
		"of channels that change": {AudioOptions{SampleRate: 16000}, []stretch{{48000, 2, 10, 0}, {48000, 1, 10, 0}}},
		"before a gap":            {AudioOptions{SampleRate: 16000, Channels: 1}, []stretch{{48000, 2, 10, 0}, {48000, 2, 10, 3 * time.Second}}},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := newSound(test.options)
			if err != nil {
				t.Fatal(err)
			}
			defer s.close()
			var heard, last, sent time.Duration
			put := func(frame *frames.Frame) {
				defer frame.Release()
				at := time.Duration(frame.Timestamp) * time.Microsecond
				if at < last-time.Millisecond {
					t.Errorf("a piece at %v, after one that ends at %v", at, last)
				}
				length := time.Duration(frame.Duration) * time.Microsecond
				if most := test.options.FrameDuration; most > 0 && length > most+time.Millisecond {
					t.Errorf("a piece of %v, at most %v are asked for", length, most)
				}
				heard += length
				last = at + length
			}
			var at time.Duration
			for _, stretch := range test.stretches {
				at += stretch.gap
				for range stretch.periods {
					piece := &media.AudioFrame{
						Samples:    make([]int16, stretch.rate/100*stretch.channels),
						SampleRate: stretch.rate, Channels: stretch.channels, PTS: at,
					}
					if err := s.write(piece, true, put); err != nil {
						t.Fatal(err)
					}
					at += period
					sent += period
				}
			}
			if err := s.finish(put); err != nil {
				t.Fatal(err)
			}
			// A stretch may gain the resampler's padding: less than two milliseconds.
			slack := 2 * time.Millisecond * time.Duration(len(test.stretches))
			if heard < sent-slack || heard > sent+slack {
				t.Errorf("%v of %v were heard", heard, sent)
			}
			if last < at-slack || last > at+slack {
				t.Errorf("it ends at %v, not %v", last, at)
			}
		})
	}
}

// Sound that is now of one channel and now of two is still as long as it is, and so at its time.
func TestSoundWhoseChannelsChangeIsNoLongerThanItIs(t *testing.T) {
	for name, kinds := range map[string][][2]int{
		"channels": {{48000, 1}, {48000, 2}}, "rates": {{48000, 1}, {44100, 1}}, "both": {{8000, 1}, {48000, 2}},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := newSound(AudioOptions{FrameDuration: 100 * time.Millisecond})
			if err != nil {
				t.Fatal(err)
			}
			defer s.close()
			var heard, last time.Duration
			put := func(frame *frames.Frame) {
				heard += time.Duration(frame.Duration) * time.Microsecond
				last = time.Duration(frame.Timestamp+frame.Duration) * time.Microsecond
				frame.Release()
			}
			var at time.Duration
			const changes = 20
			for change := range changes {
				rate, channels := kinds[change%2][0], kinds[change%2][1]
				for range 33 {
					samples := make([]int16, rate/100*channels)
					if err := s.write(&media.AudioFrame{Samples: samples, SampleRate: rate, Channels: channels, PTS: at}, true, put); err != nil {
						t.Fatal(err)
					}
					at += 10 * time.Millisecond
				}
			}
			if err := s.finish(put); err != nil {
				t.Fatal(err)
			}
			// Each resampler adds less than two milliseconds.
			const slack = 2 * changes * time.Millisecond
			if (heard-at).Abs() > slack || (last-at).Abs() > slack {
				t.Errorf("%v are heard, up to %v, of %v", heard, last, at)
			}
		})
	}
}
