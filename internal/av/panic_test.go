package av

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// failingResource panics where it is read.
type failingResource struct{ closed bool }

func (*failingResource) Read([]byte) (int, error)       { panic("deliberate") }
func (*failingResource) Seek(int64, int) (int64, error) { return 0, io.EOF }
func (r *failingResource) Close() error                 { r.closed = true; return nil }
func (*failingResource) Size() int64                    { return -1 }
func (*failingResource) Seekable() bool                 { return false }
func (*failingResource) Location() string               { return "http://127.0.0.1/a.wav" }

func wantPanic(t *testing.T, f func()) {
	t.Helper()
	defer func() {
		if reason := recover(); reason != "deliberate" {
			t.Errorf("panicked with %v", reason)
		}
	}()
	f()
}

func TestAPanicWhileAFileOpensLeavesNothingOpen(t *testing.T) {
	path := clip(t, "a.ts", "-c:v", "libx264", "-pix_fmt", "yuv420p", "-an")
	inside := folder(t, filepath.Dir(path))
	inside.Check = func(*os.File) error { panic("deliberate") }
	wantPanic(t, func() { _, _ = OpenFile(t.Context(), inside, filepath.Base(path)) })
	if _, err := inside.Root.Stat("."); !errors.Is(err, os.ErrClosed) {
		t.Errorf("its folder: %v", err)
	}
}

func TestAPanicWhileAURLOpensLeavesNothingOpen(t *testing.T) {
	for name, open := range map[string]func(r *failingResource) (Resource, error){
		"reading": func(r *failingResource) (Resource, error) { return r, nil },
		"opening": func(r *failingResource) (Resource, error) { r.closed = true; panic("deliberate") },
	} {
		resource := &failingResource{}
		var life context.Context
		wantPanic(t, func() {
			_, _ = OpenURL(t.Context(), "http://127.0.0.1/a.wav", URLInput{
				Open: func(ctx context.Context, _ string, _ map[string]string) (Resource, error) {
					life = ctx
					return open(resource)
				},
			})
		})
		if !resource.closed || life.Err() == nil {
			t.Errorf("%s: closed %t, its context %v", name, resource.closed, life.Err())
		}
	}
}
