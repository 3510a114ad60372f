package device

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/recovery"
)

const (
	// watchInterval is how often PulseAudio is asked, which has no file to watch.
	watchInterval = time.Second
	// settle is how long the files of a new device take to be made and allowed.
	settle = 100 * time.Millisecond
)

// Watch calls changed when microphones or cameras come or go, until ctx ends.
func Watch(ctx context.Context, changed func()) {
	files, err := watchFolders("/dev", "/dev/snd")
	if err != nil {
		// Without inotify the interval alone tells.
		files = nil
	}
	watch(ctx, files, List, changed)
}

// watch compares what list gives when files has news, and every interval. files
// may be nil; watch closes it.
func watch(ctx context.Context, files *os.File, list func() []Info, changed func()) {
	if files != nil {
		defer recovery.AfterFunc(ctx, "stop watching devices", func() { _ = files.Close() })()
		defer func() { _ = files.Close() }()
	}
	news := make([]byte, 64<<10)
	last := list()
	for ctx.Err() == nil {
		wait := watchInterval
		if files != nil && files.SetReadDeadline(time.Now().Add(watchInterval)) == nil {
			wait = 0
			if n, err := files.Read(news); err == nil && n > 0 {
				wait = settle
			} else if !errors.Is(err, os.ErrDeadlineExceeded) {
				files, wait = nil, watchInterval
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		if now := list(); !slices.Equal(now, last) {
			last = now
			changed()
		}
	}
}

// existing leaves out folders that aren't there.
func existing(folders []string) []string {
	return slices.DeleteFunc(slices.Clone(folders), func(folder string) bool {
		_, err := os.Stat(filepath.Clean(folder))
		return err != nil
	})
}
