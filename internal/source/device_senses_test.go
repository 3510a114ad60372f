package source_test

import (
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec/codectest"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/sink"
)

// hearTone listens to a source without an end until it has a second of sound,
// the most of which is 440 Hz.
func hearTone(t *testing.T, f *fixture, track media.Track) {
	t.Helper()
	const wanted = 48000 * 2
	heard := make(chan []int16, 1)
	var samples []int16
	tap, err := sink.NewTap(track, opus, media.EncodingSettings{Stereo: true}, sink.Handlers{
		Error: func(err error) { t.Error(err) },
		Audio: func(frame *media.AudioFrame) {
			if len(samples) >= wanted {
				return
			}
			if samples = append(samples, frame.Samples...); len(samples) >= wanted {
				heard <- samples
			}
		},
	}, f.start)
	if err != nil {
		t.Fatal(err)
	}
	defer tap.Close()
	select {
	case all := <-heard:
		// On a busy machine a server of sound leaves gaps: short pieces don't suffer all of them.
		const piece = 48000 / 20 * 2
		pure, pieces := 0, len(all)/piece
		for i := range pieces {
			if codectest.ToneShare(all[i*piece:(i+1)*piece], 48000, 2, 440) > 0.9 {
				pure++
			}
		}
		if pure < pieces/2 {
			t.Errorf("a tone of 440 Hz in %d of %d pieces", pure, pieces)
		}
	case <-time.After(patience):
		t.Fatalf("no second of sound within %v", patience)
	}
}

// seeColour looks at a source without an end until it has ten pictures of a size and a colour.
func seeColour(t *testing.T, f *fixture, track media.Track, width, height int, colour codectest.Colour) {
	t.Helper()
	const wanted = 10
	seen := make(chan struct{})
	pictures := 0
	tap, err := sink.NewTap(track, vp8, media.EncodingSettings{}, sink.Handlers{
		Error: func(err error) { t.Error(err) },
		Video: func(frame *media.VideoFrame) {
			if frame.Width != width || frame.Height != height {
				t.Errorf("size %dx%d, want %dx%d", frame.Width, frame.Height, width, height)
			}
			if c := codectest.At(frame, width/2, height/2); !c.Near(colour, 8) {
				t.Errorf("colour %v, want %v", c, colour)
			}
			if pictures++; pictures == wanted {
				close(seen)
			}
		},
	}, f.start)
	if err != nil {
		t.Fatal(err)
	}
	defer tap.Close()
	select {
	case <-seen:
	case <-time.After(patience):
		t.Fatalf("no %d pictures within %v", wanted, patience)
	}
}
