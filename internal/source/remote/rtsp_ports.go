package remote

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/errno"
)

const (
	// firstRTPPort and lastRTPPort are those of FFmpeg's options min_port and max_port, where there are none.
	firstRTPPort = 5000
	lastRTPPort  = 65000
	// mostPairs is how many pairs of ports are tried.
	mostPairs = 100
	// udpBuffer is how much a socket keeps while nobody reads it, unless the option buffer_size says it.
	udpBuffer = 1 << 20
)

// rtspPorts are two that a media comes to by UDP: the server sends RTP and RTCP there, which are handed on to FFmpeg's own
// ports, and FFmpeg sends its reports there. So packets can be looked at as those of TCP are.
type rtspPorts struct {
	conns [2]*net.UDPConn
	// own is the first of them.
	own int
	// ffmpeg's are at this machine.
	ffmpeg [2]netip.AddrPort
	// filter lets only the server send.
	filter bool
	// server is known once it has answered.
	server atomic.Pointer[[2]netip.AddrPort]
	// seen gets packets of RTP.
	seen func(packet []byte)
}

// listenRTP takes two ports in a row between low and high, for FFmpeg's from client on.
func listenRTP(ctx context.Context, low, high, client int) (*rtspPorts, error) {
	pairs := (high - low + 1) / 2
	if pairs <= 0 {
		return nil, fmt.Errorf("there are no two ports from %d to %d", low, high)
	}
	first := rand.IntN(pairs)
	for try := range min(pairs, mostPairs) {
		p := &rtspPorts{own: low + 2*((first+try)%pairs)}
		var err error
		for i := range p.conns {
			p.ffmpeg[i] = netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), uint16(client+i))
			if p.conns[i], err = listenUDP(ctx, p.own+i); err != nil {
				break
			}
		}
		if err == nil {
			return p, nil
		}
		p.close()
		if !errno.Is(err, syscall.EADDRINUSE, syscall.EACCES) {
			return nil, err
		}
	}
	return nil, fmt.Errorf("no two ports in a row are free from %d to %d", low, high)
}

func listenUDP(ctx context.Context, port int) (*net.UDPConn, error) {
	var lc net.ListenConfig
	conn, err := lc.ListenPacket(ctx, "udp", ":"+strconv.Itoa(port))
	if err != nil {
		return nil, fmt.Errorf("listen for RTP: %w", err)
	}
	udp, ok := conn.(*net.UDPConn)
	if !ok {
		return nil, errors.Join(errors.New("listen for RTP: no UDP"), conn.Close())
	}
	return udp, nil
}

// close may be called twice, on any goroutine.
func (p *rtspPorts) close() {
	for _, conn := range p.conns {
		if conn != nil {
			_ = conn.Close()
		}
	}
}

// run hands on what comes to one of the two, until that is closed.
func (p *rtspPorts) run(i int) {
	buffer := make([]byte, 64<<10)
	for failed := 0; failed < mostFailed; {
		n, from, err := p.conns[i].ReadFromUDPAddrPort(buffer)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			failed++
			continue
		}
		failed = 0
		to, server := p.ffmpeg[i], p.server.Load()
		from = netip.AddrPortFrom(from.Addr().Unmap(), from.Port())
		switch {
		case from == p.ffmpeg[i]:
			if server == nil || server[i].Port() == 0 {
				continue
			}
			to = server[i]
		case p.filter && (server == nil || from.Addr() != server[i].Addr()):
			continue
		case i == 0:
			p.seen(buffer[:n])
		}
		_, _ = p.conns[i].WriteToUDPAddrPort(buffer[:n], to)
	}
}

// clientPort is the first of two ports that FFmpeg asks a server to send RTP to.
func clientPort(transport string) (port int, ok bool) {
	kind, _, _ := strings.Cut(transport, ";")
	if kind != "RTP/AVP" && kind != "RTP/AVP/UDP" || !strings.Contains(transport, ";unicast;") {
		return 0, false
	}
	port, second := portsOf(transport, "client_port")
	return port, port > 0 && second == port+1
}

// portsOf reads those of a parameter of a transport, 0 is none.
func portsOf(transport, parameter string) (first, second int) {
	_, value, _ := strings.Cut(transport, ";"+parameter+"=")
	value, _, _ = strings.Cut(value, ";")
	one, two, found := strings.Cut(value, "-")
	number := func(text string) int {
		n, _ := strconv.ParseUint(strings.TrimSpace(text), 10, 16)
		return int(n)
	}
	if first = number(one); found {
		return first, number(two)
	}
	return first, min(first+1, 1<<16-1)
}

// request asks the server to send here.
func (p *rtspPorts) request(m *rtspMessage) {
	m.transport(func(parameters []string) []string {
		for i, one := range parameters {
			if strings.HasPrefix(one, "client_port=") {
				parameters[i] = fmt.Sprintf("client_port=%d-%d", p.own, p.own+1)
			}
		}
		return parameters
	})
}

// reply takes where the server sends from, and lets FFmpeg take it to be here.
func (p *rtspPorts) reply(m *rtspMessage, server net.Addr) {
	transport := m.header("transport")
	peer, _ := server.(*net.TCPAddr)
	if peer == nil || strings.Contains(strings.ToLower(transport), "/tcp") {
		return
	}
	address := peer.AddrPort().Addr().Unmap()
	_, source, _ := strings.Cut(transport, ";source=")
	source, _, _ = strings.Cut(source, ";")
	if own, err := netip.ParseAddr(strings.TrimSpace(source)); err == nil {
		address = own.Unmap()
	}
	first, second := portsOf(transport, "server_port")
	p.server.Store(&[2]netip.AddrPort{netip.AddrPortFrom(address, uint16(first)), netip.AddrPortFrom(address, uint16(second))})
	m.transport(func(parameters []string) (changed []string) {
		for _, one := range parameters {
			if name, _, _ := strings.Cut(strings.TrimSpace(one), "="); name != "source" && name != "server_port" {
				changed = append(changed, one)
			}
		}
		return append(changed, "source=127.0.0.1", fmt.Sprintf("server_port=%d-%d", p.own, p.own+1))
	})
}

// transport changes the parameters of that header field.
func (m *rtspMessage) transport(change func(parameters []string) []string) {
	for i, line := range m.lines {
		if name, value, _ := strings.Cut(line, ":"); i > 0 && strings.EqualFold(name, "Transport") {
			m.lines[i] = name + ":" + strings.Join(change(strings.Split(value, ";")), ";")
		}
	}
}
