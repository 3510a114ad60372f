package source_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/container"
)

// brittle is a context that can't be asked.
type brittle struct{ context.Context }

func (brittle) Err() error { panic("deliberate") }

func TestAPanicWhileASourceIsLookedAtClosesIt(t *testing.T) {
	path := filepath.Join(t.TempDir(), "panics.mp4")
	if err := os.WriteFile(path, read(t, shortClip(t)), 0o600); err != nil {
		t.Fatal(err)
	}
	func() {
		defer func() {
			if reason := recover(); reason != "deliberate" {
				t.Errorf("panicked with %v", reason)
			}
		}()
		_, err := source.OpenPlayer(brittle{t.Context()}, source.Spec{}, func() (*container.Container, error) {
			return container.OpenFile(t.Context(), path, nil)
		})
		t.Errorf("opened: %v", err)
	}()
	links, err := filepath.Glob("/proc/self/fd/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, link := range links {
		if target, err := os.Readlink(link); err == nil && target == path {
			t.Error("it is open")
		}
	}
}
