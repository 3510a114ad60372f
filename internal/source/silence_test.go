package source_test

import (
	"fmt"
	"io"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source"
)

// The process's stderr is the app's: libraries have nothing to say there.
func TestLibrariesWriteNothingToStderr(t *testing.T) {
	f := newFixture(t)
	port := udpPort(t)
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	kept, err := syscall.Dup(2)
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Dup3(int(writer.Fd()), 2, 0); err != nil {
		t.Fatal(err)
	}
	opens := func(value string) error {
		_, err := f.registry.Open(t.Context(), source.Spec{Type: "url", Value: value, Timeout: 2 * time.Second}, true, true)
		return err
	}
	address := fmt.Sprintf("srt://127.0.0.1:%d", port)
	failures := []error{
		opens(address), opens(address + "?passphrase=s3crets3cret&pbkeylen=7"), opens(address + "?mode=listener&passphrase=short"),
		opens(address + "?mode=listener"), opens("rtmp://" + unused(t) + "/a/b"),
	}
	restored := syscall.Dup3(kept, 2, 0)
	_ = writer.Close()
	_ = syscall.Close(kept)
	written, err := io.ReadAll(reader)
	if restored != nil || err != nil || len(written) > 0 {
		t.Errorf("%v, %v, written: %q", restored, err, written)
	}
	for i, failure := range failures {
		if failure == nil {
			t.Errorf("%d was opened", i)
		}
	}
}
