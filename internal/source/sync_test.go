package source_test

import (
	"sync"
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/sink"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source"
)

// mostSkew is how far sound and picture may be apart.
const mostSkew = 40 * time.Millisecond

// flashes has a flash and a beep at the beginning of each second.
var flashes = [][]string{
	{"-f", "lavfi", "-i", "color=black:s=160x120:r=30,drawbox=c=white:t=fill:enable='lt(mod(t,1),0.1)'"},
	{"-f", "lavfi", "-i", "aevalsrc='0.5*sin(2*PI*1000*t)*lt(mod(t,1),0.1)':s=48000"},
}

// onsets remembers when something began, after at least half a second without.
type onsets struct {
	mu    sync.Mutex
	at    []time.Duration
	quiet time.Duration
	begun bool
}

func (o *onsets) see(at time.Duration, on bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !on {
		return
	}
	if !o.begun || at-o.quiet > 500*time.Millisecond {
		o.at = append(o.at, at)
	}
	o.begun, o.quiet = true, at
}

func (o *onsets) snapshot() []time.Duration {
	o.mu.Lock()
	defer o.mu.Unlock()
	return append([]time.Duration(nil), o.at...)
}

func TestSoundAndPictureStayTogetherAcrossLoops(t *testing.T) {
	f := newFixture(t)
	for name, parts := range map[string][]string{
		"flashes.mp4":  {"-c:v", "libx264", "-preset", "ultrafast", "-bf", "2", "-pix_fmt", "yuv420p", "-c:a", "aac"},
		"flashes.webm": {"-c:v", "libvpx", "-cpu-used", "8", "-deadline", "realtime", "-c:a", "libvorbis"},
		"flashes.ts":   {"-c:v", "mpeg2video", "-c:a", "mp2"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			opened := f.open(t, source.Spec{Value: clip(t, name, append(flashes, parts, []string{"-t", "2"})...), Loop: true}, true, true)
			var pictures, sounds onsets
			handlers := sink.Handlers{
				Video: func(frame *media.VideoFrame) {
					pictures.see(frame.PTS, frame.Y[frame.Height/2*frame.YStride+frame.Width/2] > 128)
				},
				Audio: func(frame *media.AudioFrame) {
					for i, s := range frame.Samples {
						sounds.see(frame.PTS+time.Duration(i)*time.Second/time.Duration(frame.SampleRate*frame.Channels), s > 4000 || s < -4000)
					}
				},
			}
			var feeds []media.Feed
			for track, c := range map[media.Track]media.Codec{opened.Video: vp8, opened.Audio: opus} {
				tap, err := sink.NewTap(track, c, media.EncodingSettings{}, handlers, f.start)
				if err != nil {
					t.Fatal(err)
				}
				defer tap.Close()
				feeds = append(feeds, tap.Feed())
			}
			const loops = 3
			eventually(t, patience, "six flashes and beeps", func() bool {
				return len(pictures.snapshot()) >= 2*loops && len(sounds.snapshot()) >= 2*loops
			})
			seen, heard := pictures.snapshot(), sounds.snapshot()
			// A busy machine drops pictures: then a flash is seen late or not at all, and
			// no sync is lost.
			dropped := feeds[0].Stats().FramesDropped+feeds[1].Stats().FramesDropped > 0
			pairs := 0
			for _, beep := range heard {
				for _, flash := range seen {
					skew := beep - flash
					if skew > time.Second/2 || skew < -time.Second/2 {
						continue
					}
					pairs++
					if skew > mostSkew || skew < -mostSkew && (!dropped || skew < -3*mostSkew) {
						t.Errorf("flash at %v, beep at %v: %v apart", flash, beep, skew)
					}
				}
			}
			if pairs < loops || !dropped && pairs < 2*loops {
				t.Errorf("%d flashes with their beeps: flashes at %v, beeps at %v", pairs, seen, heard)
			}
			opened.Audio.Stop()
			opened.Video.Stop()
		})
	}
}
