package frames

import (
	"errors"
	"testing"
)

func TestWhatIsMadeIsAsLargeAsItMayBe(t *testing.T) {
	picture := func(width, height float64) Head {
		return Head{Kind: KindVideo, Format: float64(I420), Width: width, Height: height}
	}
	sound := func(channels, samples float64) Head {
		return Head{Kind: KindAudio, Format: float64(U8), Channels: channels, Samples: samples, SampleRate: 48000}
	}
	coded := Head{Kind: KindCodedVideo}
	for name, c := range map[string]struct {
		head  Head
		bytes int
		fits  bool
	}{
		"a wide picture":          {picture(mostSide, 2), mostSide * 3, true},
		"a picture that is wider": {picture(mostSide+1, 2), mostSide*3 + 3, false},
		"a high picture":          {picture(2, mostSide), mostSide * 3, true},
		"one that is higher":      {picture(2, mostSide+1), mostSide*3 + 3, false},
		"many channels":           {sound(mostChannels, 10), mostChannels * 10, true},
		"more":                    {sound(mostChannels+1, 10), mostChannels*10 + 10, false},
		"a long piece":            {sound(1, mostSamples), mostSamples, true},
		"a longer one":            {sound(1, mostSamples+1), mostSamples + 1, false},
		"many coded bytes":        {coded, mostBytes, true},
		"more of them":            {coded, mostBytes + 1, false},
		// Both sides fit, what they make does not.
		"a large picture": {picture(mostSide, mostSide), mostBytes + 1, false},
		"far rows": {
			Head{Kind: KindVideo, Format: float64(I420), Width: 2, Height: 2, Stride: [MostPlanes]float64{mostBytes + 1}}, 6, false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			made, err := Copy(c.head, make([]byte, c.bytes))
			if err == nil {
				made.Release()
			}
			if c.fits != (err == nil) || err != nil && !errors.Is(err, ErrSize) {
				t.Errorf("%v", err)
			}
		})
	}
}
