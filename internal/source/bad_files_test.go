package source_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source"
)

// leavesNothing checks at the end of the test that nothing stayed open.
func leavesNothing(t *testing.T) {
	t.Helper()
	descriptors, routines := openFiles(t, ""), runtime.NumGoroutine()
	t.Cleanup(func() {
		eventually(t, patience, "as many descriptors as before", func() bool { return openFiles(t, "") <= descriptors })
		eventually(t, patience, "as many goroutines as before", func() bool { return runtime.NumGoroutine() <= routines })
	})
}

func read(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func write(t *testing.T, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// smallClip has 0.5 s of the quarters and a tone.
func smallClip(t testing.TB, name string, codecs ...string) string {
	return clip(t, "small-"+name, quarters, tone440, codecs, []string{"-t", "0.5"})
}

// The containers that bad files are made of, each with other codecs.
func smallClips(t testing.TB) map[string]string {
	return map[string]string{
		"mp4":  smallClip(t, "a.mp4", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", "-movflags", "+faststart"),
		"webm": smallClip(t, "a.webm", "-c:v", "libvpx", "-cpu-used", "8", "-deadline", "realtime", "-c:a", "libopus"),
		"ts":   smallClip(t, "a.ts", "-c:v", "mpeg2video", "-c:a", "mp2"),
		"ogg":  smallClip(t, "a.ogg", "-c:v", "libtheora", "-c:a", "libvorbis"),
	}
}

func TestTruncatedFilesPlayWhatTheyHoldOrAreRefused(t *testing.T) {
	clips := smallClips(t)
	leavesNothing(t)
	f := newFixture(t)
	var all sync.WaitGroup
	for name, path := range clips {
		whole := read(t, path)
		for _, percent := range []int{1, 10, 30, 60, 90, 99} {
			path := write(t, "truncated."+name, whole[:len(whole)*percent/100])
			all.Go(func() {
				p, err := playThrough(f, source.Spec{Value: path}, true, true)
				var refusal *source.Error
				switch {
				case err == nil && percent >= 60 && len(p.pictures)+p.dropped == 0:
					t.Errorf("%s at %d%%: no picture", name, percent)
				case err != nil && !errors.As(err, &refusal):
					t.Errorf("%s at %d%%: %v", name, percent, err)
				case err != nil && percent >= 90:
					t.Errorf("%s at %d%% was refused: %v", name, percent, err)
				}
			})
		}
	}
	all.Wait()
}

func TestWhatIsNoFileIsRefused(t *testing.T) {
	folder := t.TempDir()
	fifo, loop := filepath.Join(folder, "fifo.mp4"), filepath.Join(folder, "loop.mp4")
	if err := errors.Join(syscall.Mkfifo(fifo, 0o600), os.Symlink(loop, loop)); err != nil {
		t.Fatal(err)
	}
	leavesNothing(t)
	f := newFixture(t)
	for name, test := range map[string]struct {
		path string
		kind error
		says string
	}{
		"a pipe":            {fifo, source.ErrNotSupported, "no regular file"},
		"links in a circle": {loop, source.ErrNotFound, "too many links"},
		"a long name":       {filepath.Join(folder, strings.Repeat("x", 5000)), source.ErrNotFound, "could not be found"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := f.registry.Open(t.Context(), source.Spec{Type: "file", Value: test.path}, true, true)
			if !errors.Is(err, test.kind) || !strings.Contains(err.Error(), test.says) {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestFilesMayGrowAndShrinkWhileTheyPlay(t *testing.T) {
	whole := read(t, clip(t, "growing.ts", quarters, tone440, x264, []string{"-c:a", "aac", "-t", "1.5"}))
	leavesNothing(t)
	for name, change := range map[string]func(path string) error{
		"shrinks":       func(path string) error { return os.Truncate(path, int64(len(whole)/3)) },
		"becomes empty": func(path string) error { return os.Truncate(path, 0) },
		"grows": func(path string) error {
			return os.WriteFile(path, append(whole[:len(whole):len(whole)], whole...), 0o600)
		},
		"is removed": os.Remove,
		"turns to noise": func(path string) error {
			return os.WriteFile(path, []byte(random(len(whole))), 0o600)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			path := write(t, "changing.ts", whole)
			opened := f.open(t, source.Spec{Value: path}, true, true)
			video, ends := newCollector(), ended(opened.Video)
			attach(t, opened.Video, vp8, media.EncodingSettings{}, video)
			video.wait(t, 3, patience)
			if err := change(path); err != nil {
				t.Fatal(err)
			}
			t.Log(waitEnd(t, ends, patience))
		})
	}
}

// patched replaces what follows a mark in the file, which has to be there.
func patched(t *testing.T, path, mark string, skip int, with ...byte) string {
	t.Helper()
	data := read(t, path)
	found := 0
	for at := 0; ; found++ {
		next := bytes.Index(data[at:], []byte(mark))
		if next < 0 {
			break
		}
		at += next + len(mark)
		copy(data[min(at+skip, len(data)):], with)
	}
	if found == 0 {
		t.Fatalf("%q is not in %s", mark, path)
	}
	return write(t, filepath.Base(path), data)
}

func peakMemory(t *testing.T) int64 {
	t.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		t.Fatal(err)
	}
	return usage.Maxrss << 10
}

// Headers of a few bytes that claim gigabytes are refused before memory is taken.
func TestHugeClaimsAreRefused(t *testing.T) {
	jpeg := clip(t, "claim.avi", quarters, []string{"-c:v", "mjpeg", "-pix_fmt", "yuvj420p", "-t", "0.3"})
	vp8Clip := clip(t, "claim.webm", quarters, []string{"-c:v", "libvpx", "-t", "0.3"})
	picture := clip(t, "claim.png", quarters, []string{"-frames:v", "1", "-update", "1"})
	wav := clip(t, "claim.wav", tone440, []string{"-c:a", "pcm_s16le", "-t", "0.3"})
	rate := func(hz uint32) []byte { return binary.LittleEndian.AppendUint32(nil, hz) }
	leavesNothing(t)
	before := peakMemory(t)
	f := newFixture(t)
	for name, test := range map[string]struct {
		path    string
		picture bool
	}{
		// 12000x12000: more than the bound, but less than FFmpeg's own. After SOF0 come length,
		// precision, height and width; after the start code of a keyframe width and height.
		"JPEG": {patched(t, jpeg, "\xff\xc0", 3, 0x2e, 0xe0, 0x2e, 0xe0), true},
		"VP8":  {patched(t, vp8Clip, "\x9d\x01\x2a", 0, 0xe0, 0x2e, 0xe0, 0x2e), true},
		"PNG":  {patched(t, picture, "IHDR", 0, 0, 0, 0x2e, 0xe0, 0, 0, 0x2e, 0xe0), true},
		"slow": {patched(t, wav, "fmt \x10\x00\x00\x00", 4, rate(1)...), false},
		"fast": {patched(t, wav, "fmt \x10\x00\x00\x00", 4, rate(1<<31-1)...), false},
		"wide": {patched(t, wav, "fmt \x10\x00\x00\x00", 2, 0xff, 0xff), false},
		"many": {write(t, "many.mka", manyStreams(10_000)), false},
	} {
		t.Run(name, func(t *testing.T) {
			begin := time.Now()
			p, err := playThrough(f, source.Spec{Value: test.path}, !test.picture, test.picture)
			if err == nil {
				err = errors.Join(p.reasons...)
			}
			var refusal *source.Error
			if !errors.As(err, &refusal) {
				t.Errorf("played: %v", err)
			}
			t.Logf("after %v: %v", time.Since(begin), err)
		})
	}
	if grown := peakMemory(t) - before; grown > 300<<20 {
		t.Errorf("memory grew by %d MiB at its peak", grown>>20)
	}
}

// manyStreams is a Matroska file (RFC 9559) that declares as many sounds.
func manyStreams(n int) []byte {
	element := func(id []byte, content []byte) []byte {
		length := binary.BigEndian.AppendUint64(nil, uint64(len(content))|1<<56)
		return append(append(append([]byte{}, id...), length...), content...)
	}
	header := element([]byte{0x1a, 0x45, 0xdf, 0xa3}, element([]byte{0x42, 0x82}, []byte("matroska")))
	var tracks []byte
	for i := range n {
		number := binary.BigEndian.AppendUint16(nil, uint16(i+1))
		audio := element([]byte{0xe1}, element([]byte{0x9f}, []byte{1}))
		tracks = append(tracks, element([]byte{0xae}, bytes.Join([][]byte{
			element([]byte{0xd7}, number), element([]byte{0x73, 0xc5}, number), element([]byte{0x83}, []byte{2}),
			element([]byte{0x86}, []byte("A_PCM/INT/LIT")), audio,
		}, nil))...)
	}
	return append(header, element([]byte{0x18, 0x53, 0x80, 0x67}, element([]byte{0x16, 0x54, 0xae, 0x6b}, tracks))...)
}

// Times that are far off, or that jump, make nobody wait.
func TestTimesThatMakeNoSensePlayOn(t *testing.T) {
	const years = "63072000/TB"
	half := []string{"-t", "1"}
	clips := map[string]string{
		"far ahead":    clip(t, "ahead.mkv", quarters, tone440, x264, aac, half, []string{"-output_ts_offset", "100000"}),
		"far back":     clip(t, "back.ts", quarters, tone440, x264, aac, half, []string{"-avoid_negative_ts", "disabled", "-output_ts_offset", "-20"}),
		"years ahead":  clip(t, "jump.mkv", quarters, tone440, filter("setpts='PTS+gt(T,0.5)*"+years+"'"), []string{"-fps_mode", "passthrough", "-enc_time_base", "1:1000", "-af", "asetpts='PTS+gt(T,0.5)*" + years + "'"}, ffv1, []string{"-c:a", "pcm_s16le"}, []string{"-frames:v", "25"}),
		"begins again": "",
	}
	part := read(t, clip(t, "again.ts", quarters, tone440, x264, []string{"-c:a", "aac", "-t", "0.5"}))
	clips["begins again"] = write(t, "again.ts", append(part[:len(part):len(part)], part...))
	for name, path := range clips {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, err := playExactly(t, source.Spec{Value: path}, true, true)
			if err != nil {
				t.Fatal(err)
			}
			if n := len(p.pictures) + p.dropped; n < 23 || n > 27 {
				t.Errorf("%d pictures of 25", n)
			}
			if p.took > 10*time.Second {
				t.Errorf("took %v", p.took)
			}
			if p.soundLength() < 700*time.Millisecond || p.soundLength() > 1500*time.Millisecond {
				t.Errorf("%v of sound", p.soundLength())
			}
		})
	}
}

// mutations is how many damaged copies of each clip are played.
const mutations = 100

// FFmpeg's errors are errors: whatever a file holds, nothing crashes.
func TestDamagedFilesNeverCrash(t *testing.T) {
	clips := smallClips(t)
	leavesNothing(t)
	f := newFixture(t)
	folder := t.TempDir()
	var all sync.WaitGroup
	slots := make(chan struct{}, 8)
	for name, path := range clips {
		whole := read(t, path)
		for seed := range uint64(mutations) {
			all.Go(func() {
				slots <- struct{}{}
				defer func() { <-slots }()
				path := filepath.Join(folder, fmt.Sprintf("%d.%s", seed, name))
				if err := os.WriteFile(path, mutate(whole, rand.New(rand.NewPCG(seed, 1))), 0o600); err != nil {
					t.Error(err)
					return
				}
				playAMoment(t, f, path)
				_ = os.Remove(path)
			})
		}
	}
	all.Wait()
}

// mutate damages a copy: single bytes, runs of zeros, parts that moved or are missing.
func mutate(whole []byte, r *rand.Rand) []byte {
	data := bytes.Clone(whole)
	for range 1 + r.IntN(8) {
		// Headers are at the beginning, and more rewarding.
		at := r.IntN(len(data))
		if r.IntN(2) == 0 {
			at = r.IntN(min(len(data), 1000))
		}
		run := data[at:min(at+1+r.IntN(64), len(data))]
		switch r.IntN(5) {
		case 0, 1:
			run[0] = byte(r.Uint32())
		case 2:
			clear(run)
		case 3:
			copy(run, data[r.IntN(len(data)):])
		default:
			for i := range run {
				run[i] = 0xff
			}
		}
	}
	if r.IntN(4) == 0 {
		data = data[:1+r.IntN(len(data))]
	}
	return data
}

// playAMoment opens a file, as far as it goes, and plays its beginning.
func playAMoment(t *testing.T, f *fixture, path string) {
	for _, kinds := range [][2]bool{{true, true}, {false, true}, {true, false}} {
		opened, err := f.registry.Open(t.Context(), source.Spec{Type: "file", Value: path, Timeout: patience}, kinds[0], kinds[1])
		if err != nil {
			var refusal *source.Error
			if !errors.As(err, &refusal) || refusal.Message == "" {
				t.Errorf("%s: %v", path, err)
			}
			continue
		}
		over := make(chan struct{}, 4)
		for track, c := range map[media.Track]media.Codec{opened.Audio: opus, opened.Video: vp8} {
			if track == nil {
				continue
			}
			track.OnEnded(func(error) { over <- struct{}{} })
			_, _ = track.Attach(c, media.EncodingSettings{}, sinkOf(5, over))
		}
		select {
		case <-over:
		case <-time.After(200 * time.Millisecond):
		}
		for _, track := range []media.Track{opened.Audio, opened.Video} {
			if track != nil {
				track.Stop()
			}
		}
		return
	}
}

// sinkOf signals after so many frames.
func sinkOf(n int, over chan<- struct{}) media.Sink { return &countingSink{left: n, over: over} }

type countingSink struct {
	left int
	over chan<- struct{}
}

func (s *countingSink) WriteFrame(*media.EncodedFrame) {
	if s.left--; s.left == 0 {
		select {
		case s.over <- struct{}{}:
		default:
		}
	}
}
