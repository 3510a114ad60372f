package device

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is the limit of what takes a moment, on a machine that may be busy.
const patience = 20 * time.Second

func TestADeviceThatComesOrGoesIsTold(t *testing.T) {
	for _, watched := range []bool{true, false} {
		folder := t.TempDir()
		var files *os.File
		if watched {
			var err error
			if files, err = watchFolders(folder, filepath.Join(folder, "not there")); err != nil {
				t.Fatal(err)
			}
		}
		list := func() (infos []Info) {
			entries, _ := os.ReadDir(folder)
			for _, entry := range entries {
				infos = append(infos, Info{ID: entry.Name()})
			}
			return infos
		}
		ctx, cancel := context.WithCancel(t.Context())
		changes, looked := make(chan struct{}, 10), make(chan struct{}, 1)
		first := sync.OnceFunc(func() { looked <- struct{}{} })
		var all sync.WaitGroup
		all.Go(func() {
			watch(ctx, files, func() []Info { defer first(); return list() }, func() { changes <- struct{}{} })
		})
		wait := func(what string) {
			t.Helper()
			select {
			case <-changes:
			case <-time.After(patience):
				t.Fatalf("not told that a device %s", what)
			}
		}
		<-looked
		path := filepath.Join(folder, "video0")
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		wait("came")
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		wait("went")
		cancel()
		all.Wait()
		if len(changes) != 0 {
			t.Error("told of a change that wasn't")
		}
	}
}
