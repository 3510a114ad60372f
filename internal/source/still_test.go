package source_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"sync"
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

// arrivals are when keyframes of a feed came, on the clock of the test, and all its times.
type arrivals struct {
	mu    sync.Mutex
	came  []time.Duration
	times []time.Duration
	begin time.Time
}

func (k *arrivals) WriteFrame(frame *media.EncodedFrame) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.times = append(k.times, frame.PTS)
	if frame.Keyframe {
		k.came = append(k.came, time.Since(k.begin))
	}
}

func (k *arrivals) between(from, to time.Duration) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.ContainsFunc(k.came, func(at time.Duration) bool { return from <= at && at <= to })
}

// Of slides, and of what is recorded from a screen, a picture stays for long.
func TestAPictureThatStaysIsThereForWhoComesAndForWhoLostIt(t *testing.T) {
	for name, parts := range map[string][][]string{
		"slides.mp4":       {{"-f", "lavfi", "-i", "testsrc=s=64x64:r=1/20:d=60"}},
		"heard-slides.mp4": {{"-f", "lavfi", "-i", "testsrc=s=64x64:r=1/20:d=60"}, {"-f", "lavfi", "-i", "sine=d=60"}},
	} {
		t.Run(name, func(t *testing.T) {
			path := clip(t, name, parts...)
			synctest.Test(t, func(t *testing.T) {
				f := newFixture(t)
				opened := f.open(t, source.Spec{Value: path}, false, true)
				attach := func() (*arrivals, media.Feed) {
					k := &arrivals{begin: time.Now()}
					feed, err := opened.Video.Attach(vp8, media.EncodingSettings{}, k)
					if err != nil {
						t.Fatal(err)
					}
					return k, feed
				}
				first, feed := attach()
				defer feed.Close()
				sleep(t.Context(), 5*time.Second)
				second, other := attach()
				defer other.Close()
				sleep(t.Context(), 5*time.Second)
				feed.RequestKeyframe()
				sleep(t.Context(), 30*time.Second)
				if !second.between(0, 2*time.Second) {
					t.Errorf("who came at 5 s had keyframes after %v", second.came)
				}
				if !first.between(10*time.Second, 12*time.Second) {
					t.Errorf("who asked for one at 10 s had keyframes at %v", first.came)
				}
				// Nobody else asked.
				if n := len(first.times); n > 6 || !slices.IsSorted(first.times) {
					t.Errorf("it was sent at %v", first.times)
				}
			})
		})
	}
}

func TestWhoBeginsToSeeWhileSoundPlaysSeesThePictureThatStays(t *testing.T) {
	path := clip(t, "heard-slides.mp4", []string{"-f", "lavfi", "-i", "testsrc=s=64x64:r=1/20:d=60"}, []string{"-f", "lavfi", "-i", "sine=d=60"})
	for _, loop := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			f := newFixture(t)
			opened := f.open(t, source.Spec{Value: path, Loop: loop}, true, true)
			h := newHeard()
			h.listen(t, f, opened.Audio, opus)
			sleep(t.Context(), 5*time.Second)
			k := &arrivals{begin: time.Now()}
			feed, err := opened.Video.Attach(vp8, media.EncodingSettings{}, k)
			if err != nil {
				t.Fatal(err)
			}
			defer feed.Close()
			sleep(t.Context(), 10*time.Second)
			if !k.between(0, 2*time.Second) {
				t.Errorf("loop %v: keyframes after %v", loop, k.came)
			}
		})
	}
}

type firstPicture struct{ after chan time.Duration }

func (p firstPicture) WriteAudio(*media.AudioFrame) {}
func (p firstPicture) WriteVideo(frame *media.VideoFrame) {
	select {
	case p.after <- frame.PTS:
	default:
	}
}

func TestWhoReadsAPictureThatStaysHasItAtOnce(t *testing.T) {
	path := clip(t, "slides.mp4", []string{"-f", "lavfi", "-i", "testsrc=s=64x64:r=1/20:d=60"})
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		opened := f.open(t, source.Spec{Value: path}, false, true)
		attach := func() firstPicture {
			p := firstPicture{make(chan time.Duration, 1)}
			feed, err := opened.Video.(media.RawTrack).AttachRaw(p)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(feed.Close)
			return p
		}
		attach()
		sleep(t.Context(), 5*time.Second)
		if at := <-attach().after; at > 7*time.Second {
			t.Errorf("who began to read at 5 s has a picture of %v", at)
		}
	})
}

func TestATrackThatIsDisabledWhileAPictureStaysIsBlackAtOnce(t *testing.T) {
	path := clip(t, "slides.mp4", []string{"-f", "lavfi", "-i", "testsrc=s=64x64:r=1/20:d=60"})
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		opened := f.open(t, source.Spec{Value: path}, false, true)
		k := &arrivals{begin: time.Now()}
		feed, err := opened.Video.Attach(vp8, media.EncodingSettings{}, k)
		if err != nil {
			t.Fatal(err)
		}
		defer feed.Close()
		sleep(t.Context(), 5*time.Second)
		opened.Video.SetEnabled(false)
		sleep(t.Context(), 5*time.Second)
		opened.Video.SetEnabled(true)
		sleep(t.Context(), 5*time.Second)
		if !k.between(5*time.Second, 7*time.Second) || !k.between(10*time.Second, 12*time.Second) {
			t.Errorf("disabled at 5 s and enabled at 10 s, it had keyframes at %v", k.came)
		}
	})
}
