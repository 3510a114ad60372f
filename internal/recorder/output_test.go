package recorder

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

func TestWhatCannotBeWrittenToIsRefused(t *testing.T) {
	folder := t.TempDir()
	plain := filepath.Join(folder, "plain")
	if err := os.WriteFile(plain, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	unread := filepath.Join(folder, "fifo")
	if err := syscall.Mkfifo(unread, 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string][]error{
		folder:                                 {ErrOutput, syscall.EISDIR},
		filepath.Join(folder, "none", "a.mp4"): {ErrNotFound},
		filepath.Join(plain, "a.mp4"):          {ErrNotFound},
		unread:                                 {ErrOutput, syscall.ENXIO},
	} {
		_, err := Create(path)
		for _, kind := range want {
			if !errors.Is(err, kind) {
				t.Errorf("%s: %v, want %v", path, err, kind)
			}
		}
	}
}

func TestAFileThatIsThereIsReplaced(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out.ogg")
	if err := os.WriteFile(path, make([]byte, 1<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	output, err := Create(path)
	if err != nil {
		t.Fatal(err)
	}
	sound := &fakeTrack{kind: media.Audio, codec: codecNamed(t, codec.MimeOpus)}
	r := record(t, "ogg", output, sound)
	r.feed(sound, tones(t, sound.codec, 50), punctual)
	r.finish()
	if info, err := os.Stat(path); err != nil || info.Size() >= 1<<20 {
		t.Errorf("%v, %v", info, err)
	}
	if got := decode(t, path); len(got) != 1 || got[0] != 50 {
		t.Errorf("%v frames", got)
	}
}

// fifo opens a named pipe at both ends.
func fifo(t *testing.T) (reader *os.File, output Output) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	reader, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = reader.Close() })
	if output, err = Create(path); err != nil {
		t.Fatal(err)
	}

	return reader, output
}

func TestANamedPipeThatIsClosedIsTold(t *testing.T) {
	reader, output := fifo(t)
	sound := &fakeTrack{kind: media.Audio, codec: codecNamed(t, codec.MimeOpus)}
	r := record(t, "webm", output, sound)
	_ = reader.Close()
	r.feed(sound, tones(t, sound.codec, 100), punctual)
	r.finish()
	if !errors.Is(r.err, syscall.EPIPE) || !errors.Is(r.err, ErrOutput) {
		t.Errorf("error %v", r.err)
	}
}

func TestAPipeWhoseReaderStallsEndsAllTheSame(t *testing.T) {
	_, output := fifo(t)
	sound := &fakeTrack{kind: media.Audio, codec: codecNamed(t, codec.MimePCMU)}
	r := record(t, "matroska", output, sound)
	// More than a pipe holds.
	r.feed(sound, tones(t, sound.codec, 1500), punctual)
	r.finish()
	if !errors.Is(r.err, os.ErrDeadlineExceeded) || !strings.Contains(r.err.Error(), "reader of the pipe") {
		t.Errorf("error %v", r.err)
	}
}

// The Worker died in the recording, or had closed before it began.
func TestARecordingThatDoesNotComeToItsEndIsToldOf(t *testing.T) {
	for name, run := range map[string]func(f func(context.Context)){
		"it panics": func(f func(context.Context)) {
			ended, end := context.WithCancel(context.Background())
			end()
			defer func() { _ = recover() }()
			f(panicking{ended})
		},
		"it never begins": func(func(context.Context)) {},
	} {
		path := filepath.Join(t.TempDir(), "out.ogg")
		sound := &fakeTrack{kind: media.Audio, codec: codecNamed(t, codec.MimeOpus)}
		told := make(chan error, 2)
		r, err := Start(Options{
			Container: "ogg", Tracks: []media.Track{sound},
			Open: func(bool) (Output, error) { return Create(path) },
			Done: func(err error, _ Stats) { told <- err },
			Go: func(_ string, f func(context.Context), finally func()) {
				run(f)
				finally()
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		r.Wait()
		if err := <-told; !errors.Is(err, ErrAborted) || len(told) > 0 {
			t.Errorf("%s: told of %v, and %d more", name, err, len(told))
		}
	}
}

// panicking is a context that nobody can wait for.
type panicking struct{ context.Context }

func (panicking) Done() <-chan struct{} { panic("deliberate") }
