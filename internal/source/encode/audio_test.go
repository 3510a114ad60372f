package encode

import (
	"context"
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/routine"
)

// listening is a source that counts how often its feeds were shared out.
type listening struct {
	ctx    context.Context
	shared atomic.Int32
}

func (*listening) Framerate() float64             { return 0 }
func (*listening) VideoShown() (uint64, int, int) { return 0, 0, 0 }
func (*listening) AudioShown() uint64             { return 0 }
func (*listening) Fail(media.Kind, error)         {}
func (*listening) NoHardware(string, error)       {}
func (*listening) DropVideo(*Video)               {}
func (*listening) DropAudio(*Audio)               {}
func (l *listening) Share(n int, f func(i int)) {
	l.shared.Add(1)
	routine.Share(l.ctx, n, f)
}

// recording is a sink that takes the times of its frames.
type recording struct {
	mu    sync.Mutex
	times []time.Duration
}

func (r *recording) WriteFrame(frame *media.EncodedFrame) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.times = append(r.times, frame.PTS)
}

func TestManyFeedsOfOneEncoderAreSharedOutInOrder(t *testing.T) {
	pcmu := media.Codec{MimeType: "audio/PCMU", ClockRate: 8000, Channels: 1}
	for _, n := range []int{1, 2, 200} {
		source := &listening{ctx: t.Context()}
		e := NewAudio(source, KeyOf(pcmu, media.EncodingSettings{}), pcmu)
		sinks := make([]recording, n)
		for i := range sinks {
			e.Feeds().Add(&media.Life{}, &sinks[i])
		}
		const pieces = 50
		for i := range pieces {
			at := time.Duration(i) * 20 * time.Millisecond
			e.Encode(&media.AudioFrame{PTS: at, SampleRate: 48000, Channels: 2, Samples: make([]int16, 2*960)})
		}
		first := sinks[0].times
		if len(first) < pieces-2 || !slices.IsSorted(first) {
			t.Fatalf("of %d feeds the first got %d packets of %d: %v", n, len(first), pieces, first)
		}
		for i := range sinks {
			if !slices.Equal(sinks[i].times, first) {
				t.Errorf("of %d feeds, %d got %v, and the first %v", n, i, sinks[i].times, first)
			}
		}
		if shared := source.shared.Load() > 0; shared != (n > 1) {
			t.Errorf("%d feeds were shared out: %v", n, shared)
		}
		e.Close()
	}
}

// stereoOf tells of Opus packets whether they are of two channels (RFC 6716 section 3.1), and how loud they are.
type stereoOf struct {
	packets []bool
	levels  []uint8
}

func (s *stereoOf) WriteFrame(frame *media.EncodedFrame) {
	s.packets = append(s.packets, frame.Data[0]&4 != 0)
	s.levels = append(s.levels, frame.AudioLevel)
}

func TestSoundOfOneChannelIsAsLoudInTwo(t *testing.T) {
	opus := media.Codec{MimeType: "audio/opus", ClockRate: 48000, Channels: 2}
	for _, rate := range []int{48000, 16000} {
		e := NewAudio(&listening{ctx: t.Context()}, KeyOf(opus, media.EncodingSettings{Stereo: true}), opus)
		came := &stereoOf{}
		e.Feeds().Add(&media.Life{}, came)
		const pieces = 20
		for i, channels := range slices.Repeat([]int{2, 1}, pieces) {
			piece := make([]int16, channels*rate/50)
			for at := range piece {
				piece[at] = int16(10_000 * math.Sin(float64(at/channels)*2*math.Pi*500/float64(rate)))
			}
			e.Encode(&media.AudioFrame{
				PTS: time.Duration(i) * 20 * time.Millisecond, SampleRate: rate, Channels: channels, Samples: piece,
			})
		}
		e.Close()
		if len(came.levels) < pieces {
			t.Fatalf("%d Hz: %d packets", rate, len(came.levels))
		}
		// In -dBov: 3 dB would be seen.
		levels := came.levels[3 : len(came.levels)-3]
		if slices.Max(levels)-slices.Min(levels) > 1 {
			t.Errorf("%d Hz: levels are %v", rate, levels)
		}
	}
}

func TestSoundIsStereoAsSoonAsItsSourceIs(t *testing.T) {
	opus := media.Codec{MimeType: "audio/OPUS", ClockRate: 48000, Channels: 2}
	for name, c := range map[string]struct {
		asked    bool
		channels []int
		want     string
	}{
		"from its beginning":      {true, []int{2, 2}, "ss"},
		"mono before":             {true, []int{1, 2, 2}, "mss"},
		"mono for a while":        {true, []int{2, 1, 2}, "sss"},
		"mono":                    {true, []int{1, 1}, "mm"},
		"more channels":           {true, []int{1, 6}, "ms"},
		"stereo nobody asked for": {false, []int{1, 2}, "mm"},
	} {
		settings := media.EncodingSettings{Stereo: c.asked}
		e := NewAudio(&listening{ctx: t.Context()}, KeyOf(opus, settings), opus)
		came := &stereoOf{}
		e.Feeds().Add(&media.Life{}, came)
		// Pieces of 30 ms: of each other one some waits for the next packet.
		const perChannels, samples = 10, 1440
		var at time.Duration
		for _, channels := range c.channels {
			for range perChannels {
				piece := make([]int16, channels*samples)
				for i := range samples {
					piece[i*channels] = int16(i * 100 % 20_000) //nolint:gosec // below 2^15
				}
				e.Encode(&media.AudioFrame{PTS: at, SampleRate: 48000, Channels: channels, Samples: piece})
				at += 30 * time.Millisecond
			}
		}
		const packets = perChannels * 3 / 2
		if len(came.packets) < packets*len(c.channels)-1 {
			t.Errorf("%s: %d packets", name, len(came.packets))
		}
		for i, want := range c.want {
			part := came.packets[min(i*packets+2, len(came.packets)):min((i+1)*packets-2, len(came.packets))]
			if len(part) == 0 || slices.Contains(part, want != 's') {
				t.Errorf("%s: part %d of it is %v", name, i, part)
			}
		}
		e.Close()
	}
}
