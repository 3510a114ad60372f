package guarded

import (
	"errors"
	"net"
	"testing"

	"github.com/pion/logging"
	"github.com/pion/transport/v5"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/peertest"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/recovery"
)

func TestAPanicUnderWhatPionCallsReachesItsOwner(t *testing.T) {
	o := peertest.NewOwner()
	network := guardedNetwork{failingNet{}, o.Context}
	for name, call := range map[string]func() error{
		"Interfaces": func() error { _, err := network.Interfaces(); return err },
		"ListenUDP":  func() error { _, err := network.ListenUDP("udp4", nil); return err },
		"DialTCP":    func() error { _, err := network.DialTCP("tcp4", nil, nil); return err },
	} {
		if err := call(); !errors.Is(err, recovery.ErrPanic) {
			t.Errorf("%s: got %v", name, err)
		}
		o.Wants(t, name, "guarded_test.go")
	}

	_, err := guardedDialer{failingNet{}, o.Context}.Dial("tcp4", "")
	if !errors.Is(err, recovery.ErrPanic) {
		t.Errorf("got %v", err)
	}
	o.Wants(t, "Dial", "guarded_test.go")
	_, err = guardedTCP{failingMux{}, o.Context}.GetConnByUfrag("", false, nil)
	if !errors.Is(err, recovery.ErrPanic) {
		t.Errorf("got %v", err)
	}
	o.Wants(t, "GetConnByUfrag", "guarded_test.go")
	_, err = guardedTCP{failingMux{}, o.Context}.GetAllConns("", false, nil)
	if !errors.Is(err, recovery.ErrPanic) {
		t.Errorf("got %v", err)
	}
	o.Wants(t, "GetAllConns", "guarded_test.go")

	logs := guardedLog{failingLogs{}, o.Context}.NewLogger("ice")
	logs.Warnf("%v", 1)
	o.Wants(t, "Warnf", "guarded_test.go")
	logs.Errorf("%v", 1)
	o.Wants(t, "Errorf", "guarded_test.go")
	logs.Tracef("%v", 1)
	o.Wants(t, "Tracef", "guarded_test.go")
}

type failingNet struct{ transport.Net }

func (failingNet) Interfaces() ([]*transport.Interface, error) { panic("deliberate") }

func (failingNet) ListenUDP(string, *net.UDPAddr) (transport.UDPConn, error) { panic("deliberate") }

func (failingNet) DialTCP(string, *net.TCPAddr, *net.TCPAddr) (transport.TCPConn, error) {
	panic("deliberate")
}

func (failingNet) Dial(string, string) (net.Conn, error) { panic("deliberate") }

type failingMux struct{ TCPMux }

func (failingMux) GetConnByUfrag(string, bool, net.IP) (net.PacketConn, error) { panic("deliberate") }

func (failingMux) GetAllConns(string, bool, net.IP) ([]net.PacketConn, error) { panic("deliberate") }

type failingLogs struct{ logging.LeveledLogger }

func (f failingLogs) NewLogger(string) logging.LeveledLogger { return f }

func (failingLogs) Warnf(string, ...any)  { panic("deliberate") }
func (failingLogs) Errorf(string, ...any) { panic("deliberate") }
func (failingLogs) Tracef(string, ...any) { panic("deliberate") }
