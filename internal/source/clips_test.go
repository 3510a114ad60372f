package source_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source"
)

var clips struct {
	folder string
	mu     sync.Mutex
	made   map[string]*clipFile
}

// clipFile is made once, by the first test that asks for it.
type clipFile struct {
	arguments []string
	once      sync.Once
	path      string
	err       error
}

func TestMain(m *testing.M) {
	folder, err := os.MkdirTemp("", "clips")
	if err != nil {
		panic(err)
	}
	clips.folder, clips.made = folder, make(map[string]*clipFile)
	code := m.Run()
	_ = os.RemoveAll(folder)
	if code == 0 {
		if err := goleak.Find(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

// The parts of clips.
var (
	testPicture = []string{"-f", "lavfi", "-i", "testsrc2=s=560x320:r=30"}
	redPicture  = []string{"-f", "lavfi", "-i", "color=red:s=320x240:r=30"}
	tone440     = []string{"-f", "lavfi", "-i", "sine=440:r=48000"}
	h264        = []string{"-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "60"}
)

// clip makes a file with FFmpeg, once for each name.
func clip(t testing.TB, name string, parts ...[]string) string {
	t.Helper()
	path, err := makeClip(name, parts...)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// makeClip is clip for any goroutine.
func makeClip(name string, parts ...[]string) (string, error) {
	arguments := slices.Concat([]string{"-nostdin", "-v", "error", "-y"}, slices.Concat(parts...))
	clips.mu.Lock()
	file := clips.made[name]
	if file == nil {
		file = &clipFile{path: filepath.Join(clips.folder, name), arguments: arguments}
		clips.made[name] = file
	}
	clips.mu.Unlock()
	if !slices.Equal(arguments, file.arguments) {
		return "", fmt.Errorf("two tests make different clips of the name %s: call one of them otherwise", name)
	}
	file.once.Do(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
		defer cancel()
		output, err := exec.CommandContext(ctx, "ffmpeg", append(arguments, file.path)...).CombinedOutput()
		if err != nil {
			file.err = fmt.Errorf("make %s with ffmpeg (apt-get install -y --no-install-recommends ffmpeg): %w\n%s",
				name, err, output)
		}
	})
	return file.path, file.err
}

// shortClip has 2 s of a test picture and a tone.
func shortClip(t testing.TB) string {
	return clip(t, "short.mp4", testPicture, tone440, h264, []string{"-c:a", "aac", "-t", "2"})
}

// longClip has 10 s of the same.
func longClip(t testing.TB) string {
	return clip(t, "long.mp4", testPicture, tone440, h264, []string{"-c:a", "aac", "-t", "10"})
}

// goroutines starts goroutines as core.Scope does, and ends them with the test.
type goroutines struct {
	ctx    context.Context
	cancel context.CancelFunc
	all    sync.WaitGroup
}

func newGoroutines(t testing.TB) *goroutines {
	ctx, cancel := context.WithCancel(context.Background())
	g := &goroutines{ctx: ctx, cancel: cancel}
	t.Cleanup(func() {
		cancel()
		g.all.Wait()
	})
	return g
}

func (g *goroutines) start(_ string, f func(ctx context.Context)) {
	g.all.Go(func() { f(g.ctx) })
}

type testLog struct{ t testing.TB }

func (l testLog) Debugf(string, ...any) {}

func (l testLog) Warnf(format string, args ...any) { l.t.Logf("warn: "+format, args...) }

func (l testLog) Errorf(format string, args ...any) { l.t.Logf("error: "+format, args...) }

type fixture struct {
	*goroutines
	registry *source.Registry
}

func newFixture(t testing.TB) *fixture {
	g := newGoroutines(t)
	f := &fixture{goroutines: g, registry: source.NewRegistry(testLog{t}, g.start)}
	t.Cleanup(f.registry.Close)
	return f
}

func (f *fixture) open(t testing.TB, spec source.Spec, audio, video bool) *source.Opened {
	t.Helper()
	if spec.Type == "" {
		spec.Type = "file"
	}
	opened, err := f.registry.Open(t.Context(), spec, audio, video)
	if err != nil {
		t.Fatal(err)
	}
	return opened
}

var (
	vp8  = media.Codec{MimeType: "video/VP8", ClockRate: 90000}
	vp9  = media.Codec{MimeType: "video/VP9", ClockRate: 90000}
	avc  = media.Codec{MimeType: "video/H264", ClockRate: 90000}
	opus = media.Codec{MimeType: "audio/opus", ClockRate: 48000, Channels: 2}
	pcmu = media.Codec{MimeType: "audio/PCMU", ClockRate: 8000, Channels: 1}
	pcma = media.Codec{MimeType: "audio/PCMA", ClockRate: 8000, Channels: 1}
)

// collector is a sink that remembers what came, and when.
type collector struct {
	mu     sync.Mutex
	frames []*media.EncodedFrame
	times  []time.Time
	news   chan struct{}
}

func newCollector() *collector { return &collector{news: make(chan struct{}, 1)} }

func (c *collector) WriteFrame(frame *media.EncodedFrame) {
	c.mu.Lock()
	c.frames = append(c.frames, frame)
	c.times = append(c.times, time.Now())
	c.mu.Unlock()
	select {
	case c.news <- struct{}{}:
	default:
	}
}

func (c *collector) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.frames)
}

func (c *collector) snapshot() []*media.EncodedFrame {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]*media.EncodedFrame(nil), c.frames...)
}

// wait returns when n frames have come.
func (c *collector) wait(t testing.TB, n int, limit time.Duration) {
	t.Helper()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	for c.count() < n {
		select {
		case <-c.news:
		case <-timer.C:
			t.Fatalf("%d frames within %v, want %d", c.count(), limit, n)
		}
	}
}

func attach(t testing.TB, track media.Track, c media.Codec, settings media.EncodingSettings, sink media.Sink) media.Feed {
	t.Helper()
	feed, err := track.Attach(c, settings, sink)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(feed.Close)
	return feed
}

// ended gives a channel that gets the reason of the track's end.
func ended(track media.Track) <-chan error {
	reasons := make(chan error, 1)
	track.OnEnded(func(reason error) { reasons <- reason })
	return reasons
}

func waitEnd(t testing.TB, reasons <-chan error, limit time.Duration) error {
	t.Helper()
	select {
	case reason := <-reasons:
		return reason
	case <-time.After(limit):
		t.Fatalf("no end within %v", limit)
		return nil
	}
}

// patience is the limit of what takes a moment, on a machine that may be busy.
const patience = 20 * time.Second

// eventually waits for a condition that has no event.
func eventually(t testing.TB, limit time.Duration, what string, condition func() bool) {
	t.Helper()
	deadline := time.Now().Add(limit)
	for !condition() {
		if time.Now().After(deadline) {
			t.Fatalf("not within %v: %s", limit, what)
		}
		time.Sleep(time.Millisecond)
	}
}
