package source_test

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source"
)

// What publishes a live manifest may be started anew: its times and numbers begin again.
func TestALiveManifestThatIsPublishedAnewPlaysOn(t *testing.T) {
	for _, name := range []string{"list.mpd", "list.m3u8"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			arguments := []string{"-f", "hls", "-hls_time", "1", "-hls_list_size", "4"}
			if name == "list.mpd" {
				arguments = []string{"-f", "dash", "-seg_duration", "1", "-window_size", "4", "-streaming", "0"}
			}
			publish := func() (stop func()) { return running(t, folder, live, append(arguments, name)) }
			stop := publish()
			path := filepath.Join(folder, name)
			published := func() bool {
				entries, err := filepath.Glob(filepath.Join(folder, "*1*.[mt]*s"))
				_, err2 := os.Stat(path)
				return err == nil && err2 == nil && len(entries) > 0
			}
			eventually(t, patience, "a playlist", published)
			f := newFixture(t)
			address := serve(t, http.FileServer(http.Dir(folder)).ServeHTTP) + "/" + name
			opened := f.open(t, source.Spec{Type: "url", Value: address, Timeout: 4 * time.Second}, true, true)
			s := show(t, f, opened)
			s.more(t, 200, 60)
			stop()
			entries, err := os.ReadDir(folder)
			if err != nil {
				t.Fatal(err)
			}
			for _, entry := range entries {
				if err := os.Remove(filepath.Join(folder, entry.Name())); err != nil {
					t.Fatal(err)
				}
			}
			publish()
			eventually(t, patience, "a playlist again", published)
			begin := time.Now()
			s.more(t, 60, 60)
			t.Logf("after %v", time.Since(begin))
			s.check(t)
		})
	}
}
