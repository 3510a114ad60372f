package service

import (
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/recorder"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/wire"
)

func TestARefusedConstraintKeepsItsName(t *testing.T) {
	for _, name := range []string{"width", ""} {
		refused := &source.Error{Kind: source.ErrOverconstrained, Message: "too much", Constraint: name}
		told := asWireError(fmt.Errorf("open: %w", refused))
		if told.Name != "OverconstrainedError" || told.Code != wire.CodeOverconstrained || told.Constraint != name {
			t.Errorf("%+v", told)
		}
	}
}

func TestALimitOfTheSystemIsToldWithItsCure(t *testing.T) {
	opening := &os.PathError{Op: "open", Path: "/a", Err: syscall.EMFILE}
	for _, err := range []error{
		opening,
		fmt.Errorf("%w: %w", recorder.ErrOutput, opening),
		&source.Error{Kind: source.ErrBroken, Message: "file /a can't be read", Cause: opening},
		&net.OpError{Op: "listen", Net: "udp", Err: os.NewSyscallError("socket", syscall.EMFILE)},
	} {
		if told := asWireError(err); !strings.Contains(told.Message, "ulimit -n") {
			t.Errorf("%+v", told)
		}
	}
	if told := asWireError(syscall.ENOENT); strings.Contains(told.Message, "limit") {
		t.Errorf("%+v", told)
	}
}
