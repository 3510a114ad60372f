package av

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"
)

// Interrupting may still be on its way when all is closed again.
func TestOpeningAFileMayBeGivenUpAtAnyMoment(t *testing.T) {
	path := clip(t, "a.ts", "-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac")
	for i := range 200 {
		ctx, cancel := context.WithCancel(t.Context())
		timer := time.AfterFunc(time.Duration(i)*20*time.Microsecond, cancel)
		if i == 0 {
			cancel()
		}
		d, err := OpenFile(ctx, folder(t, filepath.Dir(path)), filepath.Base(path))
		if err == nil {
			d.Close()
		} else if !errors.Is(err, ErrInterrupted) {
			t.Errorf("cancelled after %d µs: %v", i*20, err)
		}
		timer.Stop()
		cancel()
	}
}
