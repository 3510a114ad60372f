package source_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec/codectest"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source"
)

func TestEqualSpecsShareASource(t *testing.T) {
	f := newFixture(t)
	path := shortClip(t)
	one := f.open(t, source.Spec{Value: path}, true, true)
	same := f.open(t, source.Spec{Value: "file://" + path, Options: map[string]string{}}, false, true)
	other := f.open(t, source.Spec{Value: path, Loop: true}, false, true)
	if one.PlayerID != same.PlayerID || one.PlayerID == other.PlayerID {
		t.Errorf("players %s, %s, %s", one.PlayerID, same.PlayerID, other.PlayerID)
	}
	if one.Video.ID() == same.Video.ID() || one.Video.ID() == one.Audio.ID() {
		t.Error("tracks share an ID")
	}
	if same.Audio != nil {
		t.Error("a track that was not asked for")
	}
	if one.Video.Kind() != media.Video || one.Audio.Kind() != media.Audio {
		t.Error("wrong kinds")
	}
	tracks := map[string]int{}
	for _, state := range f.registry.State() {
		for _, track := range state.Tracks {
			if track.ReadyState != "live" {
				t.Errorf("state %+v", track)
			}
			tracks[state.ID]++
		}
	}
	if tracks[one.PlayerID] != 3 || tracks[other.PlayerID] != 1 {
		t.Errorf("tracks of players: %v", tracks)
	}
}

func TestConcurrentOpensShareASource(t *testing.T) {
	f := newFixture(t)
	path := shortClip(t)
	var all sync.WaitGroup
	ids := make(chan string, 20)
	for range cap(ids) {
		all.Go(func() {
			opened, err := f.registry.Open(t.Context(), source.Spec{Type: "file", Value: path}, false, true)
			if err != nil {
				t.Error(err)
				return
			}
			ids <- opened.PlayerID
		})
	}
	all.Wait()
	close(ids)
	first := <-ids
	for id := range ids {
		if id != first {
			t.Fatal("opened twice")
		}
	}
}

func TestFeedsWithEqualSettingsShareAnEncoder(t *testing.T) {
	f := newFixture(t)
	path := longClip(t)
	var feeds []media.Feed
	var collectors []*collector
	for range 10 {
		opened := f.open(t, source.Spec{Value: path}, false, true)
		c := newCollector()
		collectors = append(collectors, c)
		feeds = append(feeds, attach(t, opened.Video, vp8, media.EncodingSettings{}, c))
	}
	opened := f.open(t, source.Spec{Value: path}, false, true)
	other := newCollector()
	otherFeed := attach(t, opened.Video, media.Codec{MimeType: "video/vp8"}, media.EncodingSettings{MaxBitrate: 100_000}, other)
	for _, c := range append(collectors, other) {
		c.wait(t, 10, patience)
	}
	byPTS := map[time.Duration]*media.EncodedFrame{}
	for _, frame := range collectors[0].snapshot() {
		byPTS[frame.PTS] = frame
	}
	for i, c := range collectors[1:] {
		for _, frame := range c.snapshot()[:5] {
			if same := byPTS[frame.PTS]; same != nil && same != frame {
				t.Fatalf("feed %d has a frame of its own", i+1)
			}
		}
	}
	stats := feeds[3].Stats()
	if stats.Encoder != "libvpx" || stats.Width != 560 || stats.Height != 320 || stats.SourceWidth != 560 ||
		stats.FramesEncoded == 0 || stats.TotalEncodeTime <= 0 || stats.SourceFrames < stats.FramesEncoded {
		t.Errorf("stats %+v", stats)
	}
	if encoded := int(stats.FramesEncoded); encoded > collectors[0].count()+5 {
		t.Errorf("%d frames encoded for %d delivered: not shared", encoded, collectors[0].count())
	}
	if otherFeed.Stats().TargetBitrate != 100_000 {
		t.Errorf("bitrate %d of the other encoder", otherFeed.Stats().TargetBitrate)
	}
}

func TestTheLastStopClosesTheSourceInTime(t *testing.T) {
	f := newFixture(t)
	path := longClip(t)
	before := openFiles(t, path)
	opened := f.open(t, source.Spec{Value: path}, true, true)
	video := newCollector()
	attach(t, opened.Video, vp8, media.EncodingSettings{}, video)
	video.wait(t, 3, patience)
	if openFiles(t, path) != before+1 {
		t.Error("the file is not open once")
	}
	reasons := ended(opened.Audio)
	opened.Audio.Stop()
	opened.Audio.Stop()
	if err := waitEnd(t, reasons, patience); err != nil {
		t.Error(err)
	}
	n := video.count()
	video.wait(t, n+2, patience)
	opened.Video.Stop()
	eventually(t, 100*time.Millisecond*slack(), "the file is closed", func() bool { return openFiles(t, path) == before })
	n = video.count()
	if len(f.registry.State()) != 0 {
		t.Error("still listed")
	}
	if _, err := opened.Video.Attach(vp8, media.EncodingSettings{}, video); !errors.Is(err, media.ErrTrackEnded) {
		t.Errorf("attach after stop: %v", err)
	}
	again := f.open(t, source.Spec{Value: path}, false, true)
	if again.PlayerID == opened.PlayerID {
		t.Error("a closed source was shared")
	}
	if video.count() != n {
		t.Error("frames after Stop")
	}
}

// slack makes time limits of tests that share the machine.
func slack() time.Duration { return 5 }

// openFiles counts the descriptors of this process that point to path.
func openFiles(t *testing.T, path string) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, entry := range entries {
		if target, _ := os.Readlink("/proc/self/fd/" + entry.Name()); path == "" || target == path {
			n++
		}
	}
	return n
}

func TestWhatCannotBeOpenedIsRefusedInWords(t *testing.T) {
	f := newFixture(t)
	folder := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	soundOnly := clip(t, "sound.ogg", tone440, []string{"-c:a", "libopus", "-t", "0.5"})
	forbidden := write("forbidden.mp4", "x")
	if err := os.Chmod(forbidden, 0); err != nil {
		t.Fatal(err)
	}
	no := false
	whole := read(t, shortClip(t))
	sparse := write("sparse.mp4", "")
	if err := os.Truncate(sparse, 4<<30); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		spec source.Spec
		kind error
		says string
	}{
		"missing":      {source.Spec{Value: filepath.Join(folder, "missing.mp4")}, source.ErrNotFound, "does not exist: expected the path of a media file"},
		"a URL":        {source.Spec{Value: filepath.Join(folder, "HTTP:/host/a.mp4")}, source.ErrNotFound, `use a source of type "url"`},
		"in a file":    {source.Spec{Value: write("file", "x") + "/below"}, source.ErrNotFound, "does not exist"},
		"directory":    {source.Spec{Value: folder}, source.ErrNotSupported, "directory"},
		"device":       {source.Spec{Value: "/dev/zero"}, source.ErrNotSupported, "no regular file"},
		"empty":        {source.Spec{Value: write("empty.mp4", "")}, source.ErrNotSupported, "empty"},
		"entities":     {source.Spec{Value: write("bomb.mpd", `<?xml version="1.0"?>`+strings.Repeat(" ", 10_000)+`<!DOCTYPE a [<!ENTITY b "c">]><MPD/>`)}, source.ErrNotSupported, "declares a document type"},
		"text":         {source.Spec{Value: write("text.txt", "hello, this is text\n")}, source.ErrNotSupported, "not media"},
		"random":       {source.Spec{Value: write("random.bin", random(100_000))}, source.ErrNotSupported, ""},
		"truncated":    {source.Spec{Value: write("truncated.mp4", string(whole[:len(whole)/2]))}, source.ErrNotSupported, ""},
		"sparse":       {source.Spec{Value: sparse}, source.ErrNotSupported, ""},
		"no picture":   {source.Spec{Value: soundOnly}, source.ErrNotSupported, "holds no video: it holds audio (opus)"},
		"relative":     {source.Spec{Value: "a.mp4"}, source.ErrInvalid, "relative"},
		"unknown type": {source.Spec{Type: "tape"}, source.ErrInvalid, `"tape"`},
		"format":       {source.Spec{Value: soundOnly, Format: "lavfi"}, source.ErrUnsupported, "leave it out"},
		"options":      {source.Spec{Value: soundOnly, Options: map[string]string{"x": "y"}}, source.ErrUnsupported, `option "x" is none of a file: expected "audio_stream" or "video_stream"`},
		"passthrough":  {source.Spec{Value: soundOnly, Decode: &no}, source.ErrNotSupported, "holds no video"},
	}
	if os.Geteuid() != 0 {
		tests["forbidden"] = struct {
			spec source.Spec
			kind error
			says string
		}{source.Spec{Value: forbidden}, source.ErrNotAllowed, "may not be read"}
	}
	descriptors := openFiles(t, "")
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if test.spec.Type == "" {
				test.spec.Type = "file"
			}
			begin := time.Now()
			opened, err := f.registry.Open(t.Context(), test.spec, true, true)
			if opened != nil || !errors.Is(err, test.kind) {
				t.Fatalf("%v, %v", opened, err)
			}
			var refusal *source.Error
			if !errors.As(err, &refusal) || !strings.Contains(err.Error(), test.says) {
				t.Errorf("message %q", err)
			}
			if took := time.Since(begin); took > time.Second*slack() {
				t.Errorf("took %v", took)
			}
			t.Log(err)
		})
	}
	// What is refused may be closed a moment after it is told.
	eventually(t, patience, "the descriptors are closed", func() bool { return openFiles(t, "") <= descriptors })
	if len(f.registry.State()) != 0 {
		t.Error("sources left open")
	}
	if _, err := f.registry.Open(t.Context(), source.Spec{Type: "file", Value: soundOnly}, false, false); !errors.Is(err, source.ErrInvalid) {
		t.Errorf("no kind asked for: %v", err)
	}
}

func random(n int) string {
	b := make([]byte, n)
	state := uint32(7)
	for i := range b {
		state = state*1664525 + 1013904223
		b[i] = byte(state >> 24)
	}
	return string(b)
}

func TestAFileReachesNoFileOutsideOfItsFolder(t *testing.T) {
	f := newFixture(t)
	folder := t.TempDir()
	secret := clip(t, "secret.ts", testPicture, []string{"-c:v", "mpeg2video", "-t", "0.2"})
	if err := os.WriteFile(filepath.Join(folder, "beside.ts"), read(t, secret), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(secret, filepath.Join(folder, "link.ts")); err != nil {
		t.Fatal(err)
	}
	playlist := func(entry string) string {
		path := filepath.Join(t.TempDir(), "list.m3u8")
		path = filepath.Join(folder, filepath.Base(filepath.Dir(path))+".m3u8")
		text := "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:1\n#EXTINF:0.2,\n" + entry + "\n#EXT-X-ENDLIST\n"
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good := f.open(t, source.Spec{Value: playlist("beside.ts")}, false, true)
	video := newCollector()
	attach(t, good.Video, vp8, media.EncodingSettings{}, video)
	video.wait(t, 3, patience)
	for _, entry := range []string{
		secret, "file:" + secret, "../" + filepath.Base(filepath.Dir(secret)) + "/secret.ts", "link.ts", "/etc/passwd",
		"http://127.0.0.1:9/a.ts", "concat:" + secret, "subfile,,start,0,end,1000,,:" + secret, "data:text/plain,x",
		"crypto+file:" + secret,
	} {
		opened, err := f.registry.Open(t.Context(), source.Spec{Type: "file", Value: playlist(entry)}, false, true)
		if err == nil {
			t.Errorf("%s was opened", entry)
			opened.Video.Stop()
		}
	}
	list := filepath.Join(folder, "list.ffconcat")
	if err := os.WriteFile(list, []byte("ffconcat version 1.0\nfile "+secret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := f.registry.Open(t.Context(), source.Spec{Type: "file", Value: list}, false, true); err == nil {
		t.Error("ffconcat reached out")
	}
}

func TestCloseEndsEverything(t *testing.T) {
	g := newGoroutines(t)
	registry := source.NewRegistry(testLog{t}, g.start)
	opened, err := registry.Open(t.Context(), source.Spec{Type: "file", Value: longClip(t)}, true, true)
	if err != nil {
		t.Fatal(err)
	}
	video := newCollector()
	feed := attach(t, opened.Video, vp8, media.EncodingSettings{}, video)
	video.wait(t, 1, patience)
	reasons := []<-chan error{ended(opened.Audio), ended(opened.Video)}
	registry.Close()
	registry.Close()
	for _, r := range reasons {
		if err := waitEnd(t, r, patience); err != nil {
			t.Error(err)
		}
	}
	if openFiles(t, longClip(t)) != 0 {
		t.Error("the file is still open")
	}
	if _, err := registry.Open(t.Context(), source.Spec{Type: "file", Value: longClip(t)}, true, true); !errors.Is(err, source.ErrClosed) {
		t.Errorf("open after close: %v", err)
	}
	feed.RequestKeyframe()
	feed.SetTargetBitrate(1)
	_ = feed.Stats()
	feed.Close()
	opened.Video.SetEnabled(false)
	opened.Video.Stop()
}

func TestAScopeThatStartsNothingMoreLeaksNothing(t *testing.T) {
	g := newGoroutines(t)
	var started atomic.Bool
	registry := source.NewRegistry(testLog{t}, func(name string, f func(context.Context)) {
		if !started.Swap(true) {
			g.start(name, f)
		}
	})
	opened, err := registry.Open(t.Context(), source.Spec{Type: "file", Value: longClip(t)}, true, true)
	if err != nil {
		t.Fatal(err)
	}
	attach(t, opened.Video, vp8, media.EncodingSettings{}, newCollector())
	registry.Close()
	if openFiles(t, longClip(t)) != 0 {
		t.Error("the file is still open")
	}
}

func TestEndedGoroutinesFreeEverything(t *testing.T) {
	g := newGoroutines(t)
	registry := source.NewRegistry(testLog{t}, g.start)
	opened, err := registry.Open(t.Context(), source.Spec{Type: "file", Value: longClip(t)}, true, true)
	if err != nil {
		t.Fatal(err)
	}
	reasons := ended(opened.Video)
	video := newCollector()
	attach(t, opened.Video, vp8, media.EncodingSettings{}, video)
	video.wait(t, 1, patience)
	g.cancel()
	if err := waitEnd(t, reasons, patience); err != nil {
		t.Error(err)
	}
	g.all.Wait()
	if openFiles(t, longClip(t)) != 0 {
		t.Error("the file is still open")
	}
	registry.Close()
}

func TestOpeningAndClosingManyTimesLeavesNothing(t *testing.T) {
	g := newGoroutines(t)
	registry := source.NewRegistry(testLog{t}, g.start)
	defer registry.Close()
	path := shortClip(t)
	round := func() {
		opened, err := registry.Open(t.Context(), source.Spec{Type: "file", Value: path}, true, true)
		if err != nil {
			t.Fatal(err)
		}
		video := newCollector()
		feed, err := opened.Video.Attach(vp8, media.EncodingSettings{}, video)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := opened.Audio.Attach(opus, media.EncodingSettings{}, newCollector()); err != nil {
			t.Fatal(err)
		}
		video.wait(t, 1, patience)
		feed.Close()
		opened.Audio.Stop()
		opened.Video.Stop()
		g.all.Wait()
	}
	// Threads that call C the first time get heaps of their own, which is no leak.
	for range 60 {
		round()
	}
	descriptors, routines, memory := openFiles(t, ""), runtime.NumGoroutine(), codectest.ResidentBytes(t)
	for range 300 {
		round()
	}
	if n := openFiles(t, ""); n > descriptors {
		t.Errorf("%d descriptors, %d before", n, descriptors)
	}
	// One that has done its work may still be about to leave.
	eventually(t, patience, "as few goroutines as before", func() bool { return runtime.NumGoroutine() <= routines })
	if grown := codectest.ResidentBytes(t) - memory; grown > 40<<20 {
		t.Errorf("memory grew by %d MiB", grown>>20)
	}
}
