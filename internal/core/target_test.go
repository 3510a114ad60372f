package core

import (
	"errors"
	"fmt"
	"testing"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/wire"
)

// target is a ByteTarget and a Queryable that does as it is told.
type target struct {
	send func(text bool, data []byte) error
}

func (t target) Send(text bool, data []byte) error { return t.send(text, data) }

func (target) Query(what uint32) (int64, bool) {
	if what == 99 {
		panic("deliberate")
	}

	return int64(what) * 10, what < 10
}

func TestSendGivesTheBytes(t *testing.T) {
	n := openNode(t, NewRegistry())
	handle := n.NewHandle(target{send: func(text bool, data []byte) error {
		if !text || string(data) != "héé" {
			t.Errorf("got %t %q", text, data)
		}

		return nil
	}})
	n.wantStatus(n.Send(handle, true, []byte("héé")), wire.StatusOK)
}

func TestTheErrorOfATargetIsAStatus(t *testing.T) {
	n := openNode(t, NewRegistry())
	var answer error
	handle := n.NewHandle(target{send: func(bool, []byte) error { return answer }})
	for _, c := range []struct {
		err  error
		want wire.Status
	}{
		{nil, wire.StatusOK},
		{fmt.Errorf("sending: %w", ErrTooLarge), wire.StatusTooLarge},
		{ErrBufferFull, wire.StatusBufferFull},
		{ErrInvalidState, wire.StatusInvalidState},
		{ErrStaleHandle, wire.StatusStaleHandle},
		{ErrClosed, wire.StatusClosed},
		{&wire.Error{Code: wire.CodeMessageTooLarge}, wire.StatusTooLarge},
		{&wire.Error{Code: wire.CodeBufferFull}, wire.StatusBufferFull},
		{&wire.Error{Code: wire.CodeInvalidState}, wire.StatusInvalidState},
		{&wire.Error{Code: wire.CodeClosed}, wire.StatusInvalidState},
		{&wire.Error{Code: wire.CodeStaleHandle}, wire.StatusStaleHandle},
		{&wire.Error{Code: wire.CodeInvalidArgument}, wire.StatusBadArgument},
		{&wire.Error{Code: wire.CodeNetwork}, wire.StatusFailed},
		{errors.New("anything else"), wire.StatusFailed},
	} {
		answer = c.err
		if got := n.Send(handle, false, nil); got != c.want {
			t.Errorf("%v gave %d, want %d", c.err, got, c.want)
		}
	}
}

func TestAPanicOfATargetIsAStatus(t *testing.T) {
	r := NewRegistry()
	var told []string
	r.OnPanic = func(c *Call, message, _ string) {
		if _, ok := c.Target.(target); !ok {
			t.Errorf("target %v", c.Target)
		}
		told = append(told, message)
	}
	n := openNode(t, r)
	handle := n.NewHandle(target{send: func(bool, []byte) error { panic("in send") }})
	n.wantStatus(n.Send(handle, false, nil), wire.StatusPanic)
	_, status := n.Query(handle, 99)
	n.wantStatus(status, wire.StatusPanic)
	if fmt.Sprint(told) != "[in send deliberate]" {
		t.Errorf("told of %v", told)
	}
}

func TestSendAndQueryOfTheWrongHandle(t *testing.T) {
	n := openNode(t, NewRegistry())
	handle := n.NewHandle("neither")
	for _, c := range []struct {
		handle uint64
		want   wire.Status
	}{
		{handle, wire.StatusWrongKind},
		{0, wire.StatusWrongKind},
		{handle + 1, wire.StatusStaleHandle},
		{^uint64(0), wire.StatusStaleHandle},
	} {
		n.wantStatus(n.Send(c.handle, false, nil), c.want)
		_, status := n.Query(c.handle, 1)
		n.wantStatus(status, c.want)
	}
}

func TestQueryReadsANumber(t *testing.T) {
	n := openNode(t, NewRegistry())
	handle := n.NewHandle(target{})
	value, status := n.Query(handle, 4)
	n.wantStatus(status, wire.StatusOK)
	if value != 40 {
		t.Errorf("got %d", value)
	}
	_, status = n.Query(handle, 11)
	n.wantStatus(status, wire.StatusBadArgument)
}
