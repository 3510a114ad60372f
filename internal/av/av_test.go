package av

import (
	"context"
	"errors"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/asticode/go-astiav"
	"go.uber.org/goleak"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// clip makes a second of red and of a tone.
func clip(t testing.TB, name string, arguments ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	all := []string{
		"-nostdin", "-v", "error", "-f", "lavfi", "-i", "color=red:s=64x48:r=25",
		"-f", "lavfi", "-i", "sine=440:r=48000", "-t", "1",
	}
	all = append(append(all, arguments...), path)
	if output, err := exec.CommandContext(ctx, "ffmpeg", all...).CombinedOutput(); err != nil {
		t.Fatalf("make %s with ffmpeg (apt-get install -y --no-install-recommends ffmpeg): %v\n%s", name, err, output)
	}
	return path
}

func open(t testing.TB, path string) *Demuxer {
	t.Helper()
	d, err := OpenFile(t.Context(), folder(t, filepath.Dir(path)), filepath.Base(path))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	return d
}

func folder(t testing.TB, path string) Folder {
	t.Helper()
	root, err := os.OpenRoot(path)
	if err != nil {
		t.Fatal(err)
	}
	return Folder{Path: path, Root: root}
}

func TestStreamsAreToldFromTheHeader(t *testing.T) {
	for _, name := range []string{"a.mp4", "a.mkv", "a.ts"} {
		d := open(t, clip(t, name, "-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac"))
		if len(d.Streams()) != 2 {
			t.Fatalf("%s: %d streams", name, len(d.Streams()))
		}
		for _, s := range d.Streams() {
			switch s.Kind {
			case media.Video:
				if s.Codec != "h264" || s.Width != 64 || s.Height != 48 || math.Abs(s.Framerate-25) > 0.1 {
					t.Errorf("%s: %+v", name, s)
				}
			case media.Audio:
				if s.Codec != "aac" || s.SampleRate != 48000 || s.Channels != 1 {
					t.Errorf("%s: %+v", name, s)
				}
			default:
				t.Errorf("%s: kind %v", name, s.Kind)
			}
		}
		if length := d.Duration(); length < 900*time.Millisecond || length > 1200*time.Millisecond {
			t.Errorf("%s: duration %v", name, length)
		}
	}
}

func TestAllPicturesAreDecodedAndAgainAfterASeek(t *testing.T) {
	d := open(t, clip(t, "a.mp4", "-c:v", "libx264", "-bf", "3", "-pix_fmt", "yuv420p", "-an"))
	decoder, err := NewVideoDecoder(d.Streams()[0])
	if err != nil {
		t.Fatal(err)
	}
	defer decoder.Close()
	for round := range 3 {
		var frames []*media.VideoFrame
		for over := false; !over; {
			packet, err := d.Read()
			switch {
			case errors.Is(err, io.EOF):
				over = true
				err = decoder.Send(nil)
			case err == nil:
				err = decoder.Send(packet)
				packet.Release()
			}
			if err != nil {
				t.Fatal(err)
			}
			for {
				frame, _, err := decoder.Receive(nil)
				if errors.Is(err, ErrAgain) || errors.Is(err, io.EOF) {
					break
				}
				if err != nil {
					t.Fatal(err)
				}
				frames = append(frames, frame)
			}
		}
		if len(frames) != 25 {
			t.Fatalf("round %d: %d pictures", round, len(frames))
		}
		for i, frame := range frames {
			if want := time.Duration(i) * 40 * time.Millisecond; frame.PTS != want {
				t.Errorf("picture %d at %v", i, frame.PTS)
			}
			if frame.Width != 64 || frame.Height != 48 || frame.Y[0] < 75 || frame.Y[0] > 87 || frame.V[0] < 230 {
				t.Errorf("picture %d: %dx%d, %d %d %d", i, frame.Width, frame.Height, frame.Y[0], frame.U[0], frame.V[0])
			}
			frame.Release()
		}
		decoder.Flush()
		if err := d.Seek(0, 0); err != nil {
			t.Fatal(err)
		}
	}
}

func TestInactiveStreamsAreLeftOut(t *testing.T) {
	d := open(t, clip(t, "a.mp4", "-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac"))
	d.SetActive(0, false)
	packets := 0
	for {
		packet, err := d.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if packet.Stream == 0 {
			t.Error("a packet of an inactive stream")
		}
		packets++
		packet.Release()
	}
	if packets == 0 {
		t.Error("no packets")
	}
}

func TestOpeningEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	path := clip(t, "a.ts", "-c:v", "mpeg2video", "-an")
	// The interrupt may come too late for so small a file; what counts is that nothing is left.
	d, err := OpenFile(ctx, folder(t, filepath.Dir(path)), filepath.Base(path))
	if err == nil {
		d.Close()
		d.Close()
	}
}

func TestFilesOutsideOfTheFolderAreRefused(t *testing.T) {
	path := clip(t, "a.ts", "-c:v", "mpeg2video", "-an")
	other := t.TempDir()
	for _, name := range []string{"link.ts", "relative.ts"} {
		target := path
		if name == "relative.ts" {
			target = filepath.Join("..", filepath.Base(filepath.Dir(path)), "a.ts")
		}
		if err := os.Symlink(target, filepath.Join(other, name)); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{
		"link.ts", "relative.ts", filepath.Join("..", filepath.Base(filepath.Dir(path)), "a.ts"), path[1:],
	} {
		if _, err := OpenFile(t.Context(), folder(t, other), name); err == nil {
			t.Errorf("%s was opened", name)
		}
	}
}

// Who may not list a folder has no Root, and may open the file.
func TestWithoutARootTheFileItselfIsOpened(t *testing.T) {
	path := clip(t, "a.ts", "-c:v", "mpeg2video", "-an")
	d, err := OpenFile(t.Context(), Folder{Path: filepath.Dir(path)}, "a.ts")
	if err != nil {
		t.Fatal(err)
	}
	d.Close()
	list := filepath.Join(filepath.Dir(path), "a.m3u8")
	text := "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\na.ts\n#EXT-X-ENDLIST\n"
	if err := os.WriteFile(list, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenFile(t.Context(), Folder{Path: filepath.Dir(path)}, "a.m3u8"); !errors.Is(err, ErrRefused) {
		t.Errorf("%v", err)
	}
}

func TestPicturesAreMadeToFit(t *testing.T) {
	for _, test := range []struct{ width, height, toWidth, toHeight int }{
		{560, 320, 560, 320},
		{561, 321, 560, 320},
		{8, 6, 22, 16},
		{1, 1, 16, 16},
		{3000, 1, 4096, 16},
		{8192, 4608, 4096, 2304},
		{4096, 4096, 2304, 2304},
		{100_000, 2, 4096, 16},
	} {
		if w, h := fit(test.width, test.height); w != test.toWidth || h != test.toHeight {
			t.Errorf("%dx%d becomes %dx%d, want %dx%d", test.width, test.height, w, h, test.toWidth, test.toHeight)
		}
	}
}

func TestFullRangeBecomesLimited(t *testing.T) {
	from, to := astiav.AllocFrame(), astiav.AllocFrame()
	defer from.Free()
	defer to.Free()
	from.SetWidth(64)
	from.SetHeight(48)
	from.SetPixelFormat(astiav.PixelFormatYuv420P)
	from.SetColorRange(astiav.ColorRangeJpeg)
	if err := from.AllocBuffer(0); err != nil {
		t.Fatal(err)
	}
	white := make([]byte, 64*48*3/2)
	for i := range white {
		white[i] = 128
		if i < 64*48 {
			white[i] = 255
		}
	}
	if err := from.Data().SetBytes(white, 1); err != nil {
		t.Fatal(err)
	}
	var c converter
	defer c.close()
	if err := c.convert(from, to); err != nil {
		t.Fatal(err)
	}
	one := &picture{frame: to}
	borrowPlanes(one)
	if y := one.Y[100]; y < 234 || y > 236 {
		t.Errorf("white is %d", y)
	}
}

func TestSoundIsResampledAndMixed(t *testing.T) {
	for _, test := range []struct{ rate, channels, toRate, toChannels int }{
		{48000, 2, 8000, 1}, {8000, 1, 48000, 2}, {44100, 6, 48000, 2}, {48000, 3, 48000, 1}, {96000, 1, 48000, 1},
	} {
		r := NewResampler(test.toRate, test.toChannels)
		total := 0
		for i := range 50 {
			samples := make([]int16, test.rate/50*test.channels)
			for j := range samples {
				samples[j] = 1000
			}
			out, err := r.ConvertSamples(samples, test.rate, test.channels)
			if err != nil {
				t.Fatal(err)
			}
			total += len(out) / test.toChannels
			if i == 30 && (out[10] < 300 || out[10] > 3000) {
				t.Errorf("%+v: level %d", test, out[10])
			}
		}
		if d := total - test.toRate; d < -test.toRate/100 || d > 0 {
			t.Errorf("%+v: %d samples of a second", test, total)
		}
		r.Close()
		r.Close()
	}
}

func TestTimesOfStreams(t *testing.T) {
	for _, test := range []struct {
		ticks int64
		base  astiav.Rational
		want  time.Duration
	}{
		{90000, astiav.NewRational(1, 90000), time.Second},
		{-45000, astiav.NewRational(1, 90000), -500 * time.Millisecond},
		{1, astiav.NewRational(1, 30000), 33333},
		{1001, astiav.NewRational(1, 30000), 33366667},
		{noPTS, astiav.NewRational(1, 90000), NoTime},
		{math.MaxInt64, astiav.NewRational(1001, 1), NoTime},
		{math.MaxInt64 / 2, astiav.NewRational(1, 1), NoTime},
		{5, astiav.NewRational(1, 0), NoTime},
	} {
		if got := toDuration(test.ticks, test.base); got != test.want {
			t.Errorf("%d of %v: %v, want %v", test.ticks, test.base, got, test.want)
		}
	}
	if got := toTicks(1500*time.Millisecond, astiav.NewRational(1, 90000)); got != 135000 {
		t.Errorf("ticks %d", got)
	}
}

func TestUnknownNamesAreNotBuiltIn(t *testing.T) {
	if _, err := NewRealtimeVideoDecoder("no such codec"); !errors.Is(err, ErrNoDecoder) {
		t.Error(err)
	}
	if _, err := NewRealtimeAudioDecoder("no such codec", 8000, 1); !errors.Is(err, ErrNoDecoder) {
		t.Error(err)
	}
	if _, err := NewAudioEncoder("no such codec", 8000, 160); !errors.Is(err, ErrNoDecoder) {
		t.Error(err)
	}
}
