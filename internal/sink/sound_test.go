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
