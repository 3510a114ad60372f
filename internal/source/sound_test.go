package source_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec/codectest"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source"
)

// What no loudspeakers are known for is heard all the same.
func TestSoundOfAnyNumberOfChannelsPlays(t *testing.T) {
	for _, channels := range []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 13, 16, 22, 24, 33, 64} {
		tones := "aevalsrc=" + strings.Join(slices.Repeat([]string{"sin(2*PI*440*t)/2"}, channels), "|") + ":s=48000:d=0.6"
		path := clip(t, fmt.Sprintf("channels-%d.wav", channels), []string{"-f", "lavfi", "-i", tones}, []string{"-c:a", "pcm_s16le"})
		p, err := playExactly(t, source.Spec{Value: path}, true, false)
		if err != nil {
			t.Errorf("%d channels: %v", channels, err)
			continue
		}
		sound := p.samples
		if seconds := float64(len(sound)) / 96000; seconds < 0.5 {
			t.Errorf("%d channels: %.2f s of sound", channels, seconds)
			continue
		}
		if share := codectest.ToneShare(sound[9600:len(sound)/3/2*2+9600], 48000, 2, 440); share < 0.9 {
			t.Errorf("%d channels: %.2f of the energy at 440 Hz", channels, share)
		}
	}
}

// RealAudio of the first kind counts no times.
func TestSoundWhosePacketsHaveOneTimePlaysToItsEnd(t *testing.T) {
	path := clip(t, "old.ra", []string{"-f", "lavfi", "-i", "sine=440:r=8000:d=1.5"}, []string{"-c:a", "real_144"})
	p, err := playExactly(t, source.Spec{Value: path}, true, false)
	if err != nil {
		t.Fatal(err)
	}
	if seconds := float64(len(p.samples)) / 96000; seconds < 1.4 || seconds > 1.7 {
		t.Fatalf("%.2f s of sound of 1.5", seconds)
	}
	if share := codectest.ToneShare(p.samples[19200:96000], 48000, 2, 440); share < 0.8 {
		t.Errorf("%.2f of the energy at 440 Hz", share)
	}
}
