//go:build !linux

package connectivity

import (
	"errors"
	"net"
	"net/netip"
)

var errNoSegments = errors.New("this system has no segmentation offload")

func takesSegments(*net.UDPConn) bool { return false }

func segmentsOf(*net.UDPConn, []byte, int, netip.AddrPort) error { return errNoSegments }

func refusesSegments(err error) bool { return errors.Is(err, errNoSegments) }
