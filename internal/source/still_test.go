package source_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source"
)

func TestAStillPictureStaysInALoop(t *testing.T) {
	for _, name := range []string{"still.jpg", "still.png", "still.bmp", "still.webp", "still.gif", "still.tiff", "still.mp4"} {
		t.Run(name, func(t *testing.T) {
			path := clip(t, name, flash("0.04"), []string{"-frames:v", "1", "-pix_fmt", stillFormat(name)})
			synctest.Test(t, func(t *testing.T) {
				f := newFixture(t)
				opened := f.open(t, source.Spec{Value: path, Loop: true}, false, true)
				h := newHeard()
				h.listen(t, f, opened.Video, vp8)
				sleep(t.Context(), time.Minute)
				h.mu.Lock()
				defer h.mu.Unlock()
				if len(h.ended) > 0 || len(h.flashes) != 1 {
					t.Fatalf("ended %v, seen %v", h.ended, h.flashes)
				}
				h.checkNoHole(t, media.Video, 1100*time.Millisecond)
				if n := len(h.sent[media.Video]); n > 400 {
					t.Errorf("it was sent %d times", n)
				}
			})
		})
	}
}

func stillFormat(name string) string {
	switch {
	case strings.HasSuffix(name, "jpg"):
		return "yuvj420p"
	case strings.HasSuffix(name, "png"), strings.HasSuffix(name, "tiff"):
		return "rgb24"
	case strings.HasSuffix(name, "bmp"):
		return "bgr24"
	case strings.HasSuffix(name, "gif"):
		return "rgb8"
	default:
		return "yuv420p"
	}
}

// FFmpeg says no more than -1 of some, which is also the system's "operation not permitted".
func TestDamagedFilesAreNotToldAsForbidden(t *testing.T) {
	f := newFixture(t)
	for name, options := range map[string]string{
		"harmed.rm": "-c:v rv10 -s 176x144 -c:a ac3", "harmed.wma": "-c:a wmav2", "harmed.avi": "-c:v mpeg4 -c:a pcm_s16le",
		"harmed.flv": "-c:v flv1 -c:a libmp3lame -ar 44100", "harmed.mkv": "-c:v mpeg4 -c:a libmp3lame",
	} {
		t.Run(name, func(t *testing.T) {
			parts := [][]string{beep("1"), strings.Fields(options)}
			if strings.Contains(options, "-c:v") {
				parts = append([][]string{flash("1")}, parts...)
			}
			data := read(t, clip(t, name, parts...))
			for _, length := range []int{20, 60, 200, 700} {
				for _, hole := range []int{8, 40, 100} {
					harmed := bytes.Clone(data[:min(length, len(data))])
					for i := hole; i < min(hole+16, len(harmed)); i++ {
						harmed[i] = 0xff
					}
					_, err := f.registry.Open(t.Context(), source.Spec{Type: "file", Value: write(t, name, harmed)}, true, false)
					if err != nil && (errors.Is(err, source.ErrNotAllowed) || strings.Contains(err.Error(), "outside")) {
						t.Errorf("%d bytes, harmed at %d: %v", length, hole, err)
					}
				}
			}
		})
	}
}
