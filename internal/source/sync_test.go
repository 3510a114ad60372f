package source_test

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

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
	for name, parts := range map[string][]string{
		"flashes.mp4":  {"-c:v", "libx264", "-preset", "ultrafast", "-bf", "2", "-pix_fmt", "yuv420p", "-c:a", "aac"},
		"flashes.webm": {"-c:v", "libvpx", "-cpu-used", "8", "-deadline", "realtime", "-c:a", "libvorbis"},
		"flashes.ts":   {"-c:v", "mpeg2video", "-c:a", "mp2"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := clip(t, name, append(flashes, parts, []string{"-t", "2"})...)
			synctest.Test(t, func(t *testing.T) {
				f := newFixture(t)
				w := watchFlashes(t, f, f.open(t, source.Spec{Value: path, Loop: true}, true, true))
				const loops = 3
				eventually(t, patience, "two flashes and beeps of each loop", func() bool {
					return len(w.pictures.snapshot()) >= 2*loops && len(w.sounds.snapshot()) >= 2*loops
				})
				w.even(t, 2*loops, 0)
			})
		})
	}
}
