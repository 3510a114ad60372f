package source_test

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source"
)

// FFmpeg opens what such a script names past all checks, links as well.
func TestAScriptThatJoinsFilesIsRefused(t *testing.T) {
	f := newFixture(t)
	beside := read(t, clip(t, "secret.ts", testPicture, []string{"-c:v", "mpeg2video", "-t", "0.2"}))
	folder := t.TempDir()
	script := []byte("ffconcat version 1.0\nfile beside.ts\n")
	list := []byte("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:0.2,\nscript.ts\n#EXT-X-ENDLIST\n")
	for name, content := range map[string][]byte{
		"beside.ts": beside, "a.ffconcat": script, "a.mp4": script, "script.ts": script, "list.m3u8": list,
	} {
		if err := os.WriteFile(filepath.Join(folder, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, kind := range map[string]error{
		"a.ffconcat": source.ErrNotSupported, "a.mp4": source.ErrNotSupported, "list.m3u8": source.ErrNotAllowed,
	} {
		_, err := f.registry.Open(t.Context(), source.Spec{Type: "file", Value: filepath.Join(folder, name)}, false, true)
		if !errors.Is(err, kind) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A link that is changed after a look at it, again and again, never leads out.
func TestAFolderIsNotLeftWhileLinksChange(t *testing.T) {
	good := clip(t, "secret.ts", testPicture, []string{"-c:v", "mpeg2video", "-t", "0.2"})
	large := clip(t, "outside.ts", []string{"-f", "lavfi", "-i", "testsrc2=s=128x96:r=25"}, []string{"-c:v", "mpeg2video", "-t", "0.2"})
	folder := t.TempDir()
	inside := filepath.Join(folder, "inside.ts")
	if err := os.WriteFile(inside, read(t, good), 0o600); err != nil {
		t.Fatal(err)
	}
	list := filepath.Join(folder, "list.m3u8")
	text := "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:0.2,\nlink.ts\n#EXT-X-ENDLIST\n"
	if err := os.WriteFile(list, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	done := make(chan struct{})
	all.Go(func() {
		link, next := filepath.Join(folder, "link.ts"), filepath.Join(folder, "next")
		for turn := 0; ; turn++ {
			select {
			case <-done:
				return
			default:
			}
			target := "inside.ts"
			if turn%2 == 1 {
				target = large
			}
			if err := errors.Join(os.Symlink(target, next), os.Rename(next, link)); err != nil {
				t.Error(err)
				return
			}
		}
	})
	const attempts = 150
	opened := 0
	for range attempts {
		probed, err := probe(t, source.Spec{Type: "file", Value: list})
		if err != nil {
			continue
		}
		opened++
		for _, stream := range probed.Streams {
			if stream.Width == 128 {
				t.Fatal("the file outside was opened")
			}
		}
	}
	close(done)
	all.Wait()
	t.Logf("%d of %d opened", opened, attempts)
}
