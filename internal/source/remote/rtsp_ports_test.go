package remote

import (
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestWhatComesByUDPIsHandedOnAndSeen(t *testing.T) {
	socket := func(address string) *net.UDPConn {
		conn, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.MustParseAddrPort(address)))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
			t.Fatal(err)
		}
		return conn
	}
	port := func(conn *net.UDPConn) int { return conn.LocalAddr().(*net.UDPAddr).Port }
	ffmpeg, server, stranger := socket("127.0.0.1:0"), socket("127.0.0.2:0"), socket("127.0.0.3:0")
	for _, filter := range []bool{false, true} {
		ports, err := listenRTP(t.Context(), firstRTPPort, lastRTPPort, port(ffmpeg))
		if err != nil {
			t.Fatal(err)
		}
		var mu sync.Mutex
		var seen []string
		ports.filter = filter
		ports.seen = func(packet []byte) {
			mu.Lock()
			defer mu.Unlock()
			seen = append(seen, string(packet))
		}
		var all sync.WaitGroup
		for i := range ports.conns {
			all.Go(func() { ports.run(i) })
		}

		own := fmt.Sprintf("%d-%d", ports.own, ports.own+1)
		request := &rtspMessage{lines: []string{"SETUP rtsp://a/b RTSP/1.0", fmt.Sprintf("Transport: RTP/AVP/UDP;unicast;client_port=%d-%d", port(ffmpeg), port(ffmpeg)+1)}}
		if client, ok := clientPort(request.header("transport")); client != port(ffmpeg) || !ok {
			t.Errorf("FFmpeg asks for port %d, %v", client, ok)
		}
		ports.request(request)
		if want := "RTP/AVP/UDP;unicast;client_port=" + own; request.header("transport") != want {
			t.Errorf("the server is asked for %q", request.lines[1])
		}
		reply := &rtspMessage{lines: []string{"RTSP/1.0 200 OK", fmt.Sprintf("transport: RTP/AVP;unicast;client_port=%s;source=127.0.0.2;server_port=%d-%d;ssrc=1", own, port(server), port(server)+1)}}
		ports.reply(reply, &net.TCPAddr{IP: net.IPv4(127, 0, 0, 9)})
		if want := fmt.Sprintf("RTP/AVP;unicast;client_port=%s;ssrc=1;source=127.0.0.1;server_port=%s", own, own); reply.header("transport") != want {
			t.Errorf("FFmpeg is answered %q", reply.lines[1])
		}

		here := &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: ports.own}
		send := func(from *net.UDPConn, text string) {
			if _, err := from.WriteToUDP([]byte(text), here); err != nil {
				t.Fatal(err)
			}
		}
		read := func(at *net.UDPConn, want string) {
			t.Helper()
			buffer := make([]byte, 100)
			n, from, err := at.ReadFromUDP(buffer)
			if err != nil || string(buffer[:n]) != want || from.Port != ports.own {
				t.Errorf("%q of %v came, %v; not %q", buffer[:n], from, err, want)
			}
		}
		send(ffmpeg, "a report")
		read(server, "a report")
		if !filter {
			send(stranger, "not from the server")
			read(ffmpeg, "not from the server")
		} else {
			send(stranger, "left out")
		}
		send(server, "a packet")
		read(ffmpeg, "a packet")
		mu.Lock()
		if strings.Join(seen, ", ") != map[bool]string{false: "not from the server, a packet", true: "a packet"}[filter] {
			t.Errorf("seen were %q", seen)
		}
		mu.Unlock()
		ports.close()
		ports.close()
		all.Wait()
	}
}

func TestPortsOfRTPAreThoseThatMayBe(t *testing.T) {
	first, err := listenRTP(t.Context(), firstRTPPort, lastRTPPort, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer first.close()
	if second, err := listenRTP(t.Context(), first.own, first.own+1, 1); err == nil {
		second.close()
		t.Error("ports are taken twice")
	}
	if none, err := listenRTP(t.Context(), first.own, first.own, 1); err == nil {
		none.close()
		t.Error("one port is enough")
	}
	first.close()
	again, err := listenRTP(t.Context(), first.own, first.own+1, 1)
	if err != nil {
		t.Fatal(err)
	}
	again.close()
	for transport, want := range map[string]int{
		"RTP/AVP/UDP;unicast;client_port=6000-6001":  6000,
		"RTP/AVP/UDP;unicast;client_port=6000-6001;": 6000,
		"RTP/AVP/UDP;unicast;client_port=6000":       6000,
		"RTP/AVP/UDP;unicast;client_port=6000-6002":  0,
		"RTP/AVP/UDP;unicast;client_port=70000":      0,
		"RTP/AVP/UDP;unicast;client_port=65535":      0,
		"RTP/AVP/UDP;multicast;client_port=1-2":      0,
		"RTP/AVP/TCP;unicast;interleaved=0-1":        0,
		"RAW/RAW/UDP;unicast;client_port=6000-6001":  0,
		"": 0,
	} {
		if port, ok := clientPort(transport); ok != (want != 0) || ok && port != want {
			t.Errorf("%q: %d, %v", transport, port, ok)
		}
	}
}
