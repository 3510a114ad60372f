package remote

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

func readAllRTSP(text string) (messages []*rtspMessage, err error) {
	in := bufio.NewReaderSize(strings.NewReader(text), mostRTSPLine)
	for {
		m, err := readRTSP(in)
		if err != nil {
			return messages, err
		}
		messages = append(messages, m)
	}
}

func TestMessagesOfRTSPAreHandedOnAsTheyAre(t *testing.T) {
	text := "RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: 5\r\n\r\nv=0\r\n" + "$\x00\x00\x03abc" + "\r\n" +
		"OPTIONS * RTSP/1.0\r\nCSeq: 2\r\n\r\n" + "$\x01\x00\x00" + "RTSP/1.0 404 Not Found\r\n\r\n"
	messages, _ := readAllRTSP(text)
	var out bytes.Buffer
	var codes []int
	for _, m := range messages {
		code, err := m.status()
		if err != nil {
			t.Fatal(err)
		}
		codes = append(codes, code)
		if err := m.write(&out); err != nil {
			t.Fatal(err)
		}
	}
	if out.String() != text || len(codes) != 6 || codes[0] != 200 || codes[5] != 404 {
		t.Errorf("%q, %v", out.String(), codes)
	}
}

// What FFmpeg could read as a redirect, and this reader as something else, goes no further.
func TestWhatCouldHideARedirectIsNoRTSP(t *testing.T) {
	for _, text := range []string{
		"RTSP/1.0 200 OK\r\n$\x00\x00\x02\r\nRTSP/1.0 302 Found\r\n\r\n", "RTSP/1.0\v200 302\r\n\r\n", "RTSP/1.0 3\r02 a\r\n\r\n",
		"RTSP/1.0 \x00302\r\n\r\n", "RTSP/1.0 +302 a\r\n\r\n", "RTSP/1.0 0302 a\r\n\r\n", "RTSP/1.0 302a\r\n\r\n", "RTSP/1.0\r\n\r\n",
		"RTSP/1.0\u00a0200 0302\r\n\r\n", "RTSP/1.0 200 OK\r\nContent-Length: -1\r\n\r\n", "RTSP/1.0 200 OK\r\nContent-Length: 0x9\r\n\r\n",
		"RTSP/1.0 200 OK\r\nContent-Length: 99999999\r\n\r\n", strings.Repeat("a", 2*mostRTSPLine), strings.Repeat("a: b\r\n", 2*mostRTSPLines),
	} {
		messages, err := readAllRTSP(text)
		refused := err != nil && len(messages) == 0
		for _, m := range messages {
			if _, err := m.status(); err != nil {
				refused = true
			}
		}
		if !refused {
			t.Errorf("%.60q was taken", text)
		}
	}
}

func FuzzRTSP(f *testing.F) {
	f.Add("RTSP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nab$\x00\x00\x01a")
	f.Add("RTSP/1.0 200 OK\r\nTransport: RTP/AVP;unicast;client_port=1-2;server_port=3-4;source=::1\r\n\r\n")
	f.Fuzz(func(t *testing.T, text string) {
		watch := &rtspWatch{}
		watch.described(text)
		watch.setUp(watch.mediaAt(text), text)
		(&frameHeads{watch: watch}).take([]byte(text))
		watch.arrived(media.Video)
		clientPort(text)
		ports := &rtspPorts{}
		messages, _ := readAllRTSP(text)
		for _, m := range messages {
			ports.request(m)
			ports.reply(m, &net.TCPAddr{IP: net.IPv4(192, 0, 2, 7), Port: 554})
			var out bytes.Buffer
			if err := m.write(&out); err != nil {
				t.Fatal(err)
			}
			again, _ := readAllRTSP(out.String())
			if len(again) != 1 {
				t.Errorf("%q became %d messages", out.String(), len(again))
			}
		}
	})
}

func TestAReplyTellsWhereItsPacketsComeFrom(t *testing.T) {
	server := &net.TCPAddr{IP: net.IPv4(192, 0, 2, 7), Port: 554}
	for line, want := range map[string]string{
		"Transport: RTP/AVP;unicast;client_port=1-2;server_port=3-4": ";source=192.0.2.7",
		"transport: RTP/AVP/UDP;unicast":                             ";source=192.0.2.7",
		"Transport: RTP/AVP;unicast;source=192.0.2.9":                "",
		"Transport: RTP/AVP/TCP;unicast;interleaved=0-1":             "",
		"Transport: RTP/AVP;multicast;destination=239.0.0.1":         "",
		"Session: 1": "",
	} {
		m := &rtspMessage{lines: []string{"RTSP/1.0 200 OK", line}}
		m.from(server)
		if m.lines[1] != line+want {
			t.Errorf("%q", m.lines[1])
		}
	}
}

// Not only until it plays: a session is kept alive, and ended, by its name too.
func TestAServerSeesItsOwnAddressInAllRequests(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	local := listener.Addr().String()
	remote, server := net.Pipe()
	inner, ffmpeg := net.Pipe()
	address := &url.URL{Scheme: "rtsp", Host: "camera.example:8554", Path: "/live"}
	relay := newRTSPRelay(address, listener, remote)
	relay.use(inner)
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer relay.close()
		relay.requests()
	}()
	frame := "$\x01\x00\x05\r\n\r\nx"
	for _, method := range []string{"DESCRIBE", "SETUP", "PLAY", frame, "GET_PARAMETER", frame, "OPTIONS", "TEARDOWN"} {
		request := func(host string) string {
			if method == frame {
				return frame
			}
			return method + " rtsp://" + host + "/live/ RTSP/1.0\r\nCSeq: 1\r\nContent-Length: 3\r\n\r\nabc"
		}
		go func() { _, _ = io.WriteString(ffmpeg, request(local)) }()
		want := request(address.Host)
		got := make([]byte, len(want))
		if err := server.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
			t.Fatal(err)
		}
		if n, err := io.ReadFull(server, got); err != nil || string(got) != want {
			t.Errorf("%q: the server got %q, %v", method, got[:n], err)
			break
		}
	}
	_ = ffmpeg.Close()
	<-done
	_ = server.Close()
}

func TestMessagesOfRTSPAreAsLargeAsTheyMayBe(t *testing.T) {
	line := func(length int) string { return "RTSP/1.0 200 OK\r\na: " + strings.Repeat("x", length-5) + "\r\n\r\n" }
	lines := func(count int) string { return "RTSP/1.0 200 OK\r\n" + strings.Repeat("a: b\r\n", count-1) + "\r\n" }
	body := func(length int) string {
		return fmt.Sprintf("RTSP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n%s", length, strings.Repeat("x", length))
	}
	for name, c := range map[string]struct {
		make func(int) string
		most int
	}{"a line": {line, mostRTSPLine}, "lines": {lines, mostRTSPLines}, "a body": {body, mostRTSPBody}} {
		if messages, _ := readAllRTSP(c.make(c.most)); len(messages) != 1 {
			t.Errorf("%s of %d: %d messages", name, c.most, len(messages))
		}
		if messages, err := readAllRTSP(c.make(c.most + 1)); len(messages) != 0 || err == nil {
			t.Errorf("%s of one more: %d messages, %v", name, len(messages), err)
		}
	}
}
