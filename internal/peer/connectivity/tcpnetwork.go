package connectivity

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"time"

	"github.com/pion/stun/v4"
)

// dialLimit is how long a connection over TCP may take to open, TLS included. By
// itself the system tries for minutes.
const dialLimit = 5 * time.Second

// dial opens a connection over TCP; local may be nil.
func (n *Network) dial(ctx context.Context, family string, local *net.TCPAddr, address string) (*net.TCPConn, error) {
	dialer := net.Dialer{Timeout: dialLimit}
	if local != nil {
		dialer.LocalAddr = local
	}
	conn, err := dialer.DialContext(ctx, family, address)
	if err != nil {
		return nil, err
	}
	socket, ok := conn.(*net.TCPConn)
	if !ok {
		_ = conn.Close()

		return nil, fmt.Errorf("dialing %s: %w", address, net.UnknownNetworkError(family))
	}

	return socket, nil
}

// turnDialer reaches TURN servers over TCP. It is a proxy.Dialer, since what pion
// dials itself it writes to directly, and TLS can drop nothing below itself.
type turnDialer struct{ network *Network }

// Dial implements proxy.Dialer, of which pion expects TLS where the URL has it.
func (d turnDialer) Dial(family, address string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(d.network.ctx, dialLimit)
	defer cancel()
	socket, err := d.network.dial(ctx, family, nil, address)
	if err != nil {
		return nil, err
	}
	if !d.network.isSecure(address) {
		return newQueuedConn(d.network, socket, socket), nil
	}
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		_ = socket.Close()

		return nil, fmt.Errorf("dialing a TURN server: %w", err)
	}
	secure := tls.Client(socket, &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12})
	if err := secure.HandshakeContext(ctx); err != nil {
		_ = socket.Close()

		return nil, fmt.Errorf("TLS with %s: %w", address, err)
	}

	return newQueuedConn(d.network, socket, secure), nil
}

// SetServers notes the ICE servers, and which of them are reached by TLS. pion tells the dialer an
// address alone: one that has both is reached by TLS for both.
func (n *Network) SetServers(servers []ICEServer) {
	secure := make(map[string]bool)
	for _, server := range servers {
		for _, url := range server.URLs {
			if uri, err := parseURL(url); err == nil && uri.Scheme == stun.SchemeTypeTURNS {
				secure[net.JoinHostPort(uri.Host, strconv.Itoa(uri.Port))] = true
			}
		}
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.secure, n.hasServers = secure, len(servers) > 0
}

func (n *Network) isSecure(address string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()

	return n.secure[address]
}

// headStart is for how long TCP waits for UDP.
func (n *Network) headStart() time.Duration {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.offered.udp {
		return tcpWait
	}

	return 0
}

// tcpSocket is the kept one of an address, or a new one; nil of a closed network.
func (n *Network) tcpSocket(ip netip.Addr) *tcpSocket {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return nil
	}
	i := slices.IndexFunc(n.keptTCP, func(kept *tcpSocket) bool { return kept.ip == ip })
	if i < 0 {
		return newTCPSocket(n, ip)
	}
	socket := n.keptTCP[i]
	n.keptTCP = slices.Delete(n.keptTCP, i, i+1)

	return socket
}

// putTCP keeps a socket, if this is the time for it.
func (n *Network) putTCP(socket *tcpSocket) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.keeping {
		n.keptTCP = append(n.keptTCP, socket)
	}

	return n.keeping
}
