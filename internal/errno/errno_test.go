package errno_test

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/errno"
)

func TestRefusalsOfTheSystemAreKnownByTheirNames(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	if _, err := net.Listen("tcp", address); !errno.Is(err, syscall.EADDRINUSE) {
		t.Errorf("listening where somebody does: %v", err)
	}
	_ = listener.Close()
	if _, err := net.Dial("tcp", address); !errno.Is(err, syscall.EPIPE, syscall.ECONNREFUSED) || errno.Is(err, syscall.EPIPE) {
		t.Errorf("connecting to nobody: %v", err)
	}
	_, err = os.Open(filepath.Join(t.TempDir(), "missing"))
	if err == nil || errno.Is(err, syscall.EIO, syscall.ENOSPC) || errno.Is(errors.New("EIO"), syscall.EIO) {
		t.Errorf("%v is taken for something else", err)
	}
	if !errno.Is(fmt.Errorf("writing: %w", syscall.ENOSPC), syscall.ENOSPC) || errno.Is(nil, syscall.EIO) {
		t.Error("what is wrapped is not found, or nothing is")
	}
}

func TestNumbersOfCGetTheirNames(t *testing.T) {
	for number, name := range map[int]syscall.Errno{2: syscall.ENOENT, 5: syscall.EIO, 22: syscall.EINVAL, 28: syscall.ENOSPC} {
		if err := errno.FromC(number); !errors.Is(err, name) {
			t.Errorf("%d is %v", number, err)
		}
	}
}
