package source_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/sink"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source"
)

// flashing is what was seen and heard of flashes.
type flashing struct {
	pictures, sounds onsets
	feeds            []media.Feed
}

// watchFlashes looks at the flashes of a source.
func watchFlashes(t *testing.T, f *fixture, opened *source.Opened) *flashing {
	t.Helper()
	w := &flashing{}
	handlers := sink.Handlers{
		Video: func(frame *media.VideoFrame) {
			w.pictures.see(frame.PTS, frame.Y[frame.Height/2*frame.YStride+frame.Width/2] > 128)
		},
		Audio: func(frame *media.AudioFrame) {
			for i, s := range frame.Samples {
				w.sounds.see(frame.PTS+time.Duration(i)*time.Second/time.Duration(frame.SampleRate*frame.Channels), s > 4000 || s < -4000)
			}
		},
	}
	for track, c := range map[media.Track]media.Codec{opened.Video: vp8, opened.Audio: opus} {
		tap, err := sink.NewTap(track, c, media.EncodingSettings{}, handlers, f.start)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(tap.Close)
		w.feeds = append(w.feeds, tap.Feed())
	}
	return w
}

// even fails unless flashes and beeps came together, one of each about every second. A
// live source leaves out what a busy machine is late with: missing is how many.
func (w *flashing) even(t *testing.T, n, missing int) {
	t.Helper()
	seen, heard := w.pictures.snapshot(), w.sounds.snapshot()
	// A busy machine drops pictures: then a flash is seen late or not at all.
	dropped := w.feeds[0].Stats().FramesDropped+w.feeds[1].Stats().FramesDropped > 0
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
	for i := range heard[1:] {
		if gap := heard[i+1] - heard[i]; gap < 800*time.Millisecond || gap > time.Duration(missing)*time.Second+1300*time.Millisecond {
			t.Errorf("beeps %v apart: flashes at %v, beeps at %v", gap, seen, heard)
		}
	}
	if len(heard) < n || pairs < n/2 || !dropped && pairs < n-missing {
		t.Errorf("%d flashes with their beeps of %d: flashes at %v, beeps at %v", pairs, n, seen, heard)
	}
}

// cuts are pieces of two seconds, whose times begin where each says, in seconds.
// sound is how much later the sound of each begins.
type cuts struct {
	begins, sound []float64
}

func (c cuts) segments(t *testing.T) []string {
	t.Helper()
	var paths []string
	for i, begin := range c.begins {
		sound := 0.0
		if c.sound != nil {
			sound = c.sound[i]
		}
		name := fmt.Sprintf("cut-%v-%v.ts", begin, sound)
		paths = append(paths, clip(t, name, flashes[0], []string{"-itsoffset", fmt.Sprint(sound)}, flashes[1],
			[]string{"-filter_complex", "[0:v]trim=duration=2[v];[1:a]atrim=duration=2[a]", "-map", "[v]", "-map", "[a]"},
			[]string{"-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-g", "15", "-pix_fmt", "yuv420p", "-c:a", "mp2"},
			[]string{"-muxdelay", "0", "-muxpreload", "0", "-output_ts_offset", fmt.Sprint(begin)}))
	}
	return paths
}

// playlist makes one of the segments, with discontinuities marked or not.
func playlist(t *testing.T, segments []string, marked, ends bool) (folder string) {
	t.Helper()
	folder = t.TempDir()
	text := "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:3\n#EXT-X-MEDIA-SEQUENCE:0\n"
	for i, path := range segments {
		name := fmt.Sprintf("%d.ts", i)
		if err := os.WriteFile(filepath.Join(folder, name), read(t, path), 0o600); err != nil {
			t.Fatal(err)
		}
		if marked && i > 0 {
			text += "#EXT-X-DISCONTINUITY\n"
		}
		text += "#EXTINF:2.0,\n" + name + "\n"
	}
	if ends {
		text += "#EXT-X-ENDLIST\n"
	}
	if err := os.WriteFile(filepath.Join(folder, "list.m3u8"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return folder
}

func TestTimesThatJumpPlayOn(t *testing.T) {
	const wrap = float64(1<<33) / 90_000
	for name, c := range map[string]cuts{
		"not at all":    {begins: []float64{10, 12, 14}},
		"ahead":         {begins: []float64{10, 112, 200}},
		"back":          {begins: []float64{100, 10, 3}},
		"little ahead":  {begins: []float64{10, 17, 26}},
		"little back":   {begins: []float64{10, 9, 8}},
		"hours":         {begins: []float64{10, 20_000, 40}},
		"around":        {begins: []float64{wrap - 3, wrap - 1, 1}},
		"of sound":      {begins: []float64{10, 12, 14}, sound: []float64{0, 40, 0}},
		"both, unequal": {begins: []float64{10, 112, 30}, sound: []float64{0, 0, 60}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			segments := c.segments(t)
			joined := filepath.Join(t.TempDir(), "joined.ts")
			var all []byte
			for _, path := range segments {
				all = append(all, read(t, path)...)
			}
			if err := os.WriteFile(joined, all, 0o600); err != nil {
				t.Fatal(err)
			}
			for kind, path := range map[string]string{
				"a file":                        joined,
				"a playlist that marks them":    filepath.Join(playlist(t, segments, true, true), "list.m3u8"),
				"a playlist that does not mark": filepath.Join(playlist(t, segments, false, true), "list.m3u8"),
			} {
				t.Run(kind, func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) { playJumps(t, source.Spec{Value: path}, len(c.begins)) })
				})
			}
		})
	}
}

// playJumps plays so many pieces to their end.
func playJumps(t *testing.T, spec source.Spec, pieces int) {
	t.Helper()
	f := newFixture(t)
	opened := f.open(t, spec, true, true)
	begin := time.Now()
	reasons := []<-chan error{ended(opened.Audio), ended(opened.Video)}
	w := watchFlashes(t, f, opened)
	for _, one := range reasons {
		if err := waitEnd(t, one, patience); err != nil {
			t.Error(err)
		}
	}
	t.Logf("took %v", time.Since(begin))
	if took := time.Since(begin); took > time.Duration(pieces)*4*time.Second {
		t.Errorf("took %v for %d s", took, 2*pieces)
	}
	w.even(t, 2*pieces, 0)
}

func TestAFetchedPlaylistWithJumpsPlaysOn(t *testing.T) {
	for _, marked := range []bool{true, false} {
		t.Run(fmt.Sprint("marked ", marked), func(t *testing.T) {
			t.Parallel()
			c := cuts{begins: []float64{10, 112, 30}, sound: []float64{0, 0, 60}}
			folder := playlist(t, c.segments(t), marked, true)
			address := serve(t, http.FileServer(http.Dir(folder)).ServeHTTP) + "/list.m3u8"
			playJumps(t, source.Spec{Type: "url", Value: address}, len(c.begins))
		})
	}
}

func TestALivePlaylistWithJumpsPlaysOn(t *testing.T) {
	for _, marked := range []bool{true, false} {
		t.Run(fmt.Sprint("marked ", marked), func(t *testing.T) {
			t.Parallel()
			c := cuts{begins: []float64{10, 12, 14, 300, 302, 5, 7}}
			folder := playlist(t, slices.Clone(c.segments(t)), marked, false)
			f := newFixture(t)
			address := serve(t, http.FileServer(http.Dir(folder)).ServeHTTP) + "/list.m3u8"
			opened := f.open(t, source.Spec{
				Type: "url", Value: address, Timeout: 2 * patience, Options: map[string]string{"live_start_index": "0"},
			}, true, true)
			w := watchFlashes(t, f, opened)
			eventually(t, patience, "twelve flashes and beeps", func() bool {
				return len(w.pictures.snapshot()) >= 12 && len(w.sounds.snapshot()) >= 12
			})
			w.even(t, 12, 1)
		})
	}
}
