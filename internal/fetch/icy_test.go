package fetch

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
)

// answer serves what is written as it is, in pieces of size bytes.
func answer(t *testing.T, text []byte, size int) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			if _, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
				for rest := text; len(rest) > 0 && err == nil; {
					n := min(size, len(rest))
					_, err = conn.Write(rest[:n])
					rest = rest[n:]
				}
			}
			_ = conn.Close()
		}
	}()
	t.Cleanup(func() {
		_ = listener.Close()
		<-done
	})
	return "http://" + listener.Addr().String() + "/stream"
}

func TestRadioThatSpeaksICYIsRead(t *testing.T) {
	sound := numbers(100_000)
	for _, size := range []int{1, 3, 1000, 1 << 20} {
		address := answer(t, append([]byte("ICY 200 OK\r\nicy-name: a\r\nContent-Type: audio/mpeg\r\n\r\n"), sound...), size)
		r := open(t, client(t, Config{}), address, 0, 0)
		if !r.Live() || r.ContentType() != "audio/mpeg" {
			t.Errorf("live %v, %q", r.Live(), r.ContentType())
		}
		if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, sound) {
			t.Errorf("in pieces of %d: %d bytes, %v", size, len(got), err)
		}
	}
	refused := answer(t, []byte("ICY 404 Not Found\r\n\r\n"), 1000)
	if _, err := client(t, Config{}).Open(t.Context(), refused, 0, 0); err == nil || !strings.Contains(err.Error(), "404") {
		t.Error(err)
	}
}

func TestTitlesOfRadioAreLeftOut(t *testing.T) {
	sound := numbers(10_000)
	for _, interval := range []int{1, 7, 1024, 8192, 20_000} {
		var text bytes.Buffer
		fmt.Fprintf(&text, "ICY 200 OK\r\nicy-metaint:%d\r\n\r\n", interval)
		for i, rest := 0, sound; len(rest) > 0; i++ {
			n := min(interval, len(rest))
			text.Write(rest[:n])
			if rest = rest[n:]; n == interval {
				title := strings.Repeat("StreamTitle='x';", []int{0, 1, 255}[i%3])
				text.WriteByte(byte(len(title) / 16))
				text.WriteString(title)
			}
		}
		r := open(t, client(t, Config{}), answer(t, text.Bytes(), 1000), 0, 0)
		if got, err := io.ReadAll(iotest.OneByteReader(r)); err != nil || !bytes.Equal(got, sound) {
			t.Errorf("every %d bytes: %d, %v", interval, len(got), err)
		}
	}
}

func TestWhatIsBroadcastIsToldFromFiles(t *testing.T) {
	for name, test := range map[string]struct {
		header string
		live   bool
	}{
		"a camera":              {"Content-Type: multipart/x-mixed-replace;boundary=a\r\n", true},
		"Icecast":               {"Server: Icecast 2.4.4\r\n", true},
		"SHOUTcast":             {"icy-br:128\r\n", true},
		"a relay":               {"Ice-Audio-Info: bitrate=128\r\n", true},
		"a file":                {"Content-Length: 1\r\n", false},
		"a file of Icecast":     {"Server: Icecast 2.4.4\r\nContent-Length: 1\r\n", false},
		"a file without length": {"Content-Type: video/mp2t\r\n", false},
	} {
		r := open(t, client(t, Config{}), answer(t, []byte("HTTP/1.0 200 OK\r\n"+test.header+"\r\na"), 1000), 0, 0)
		if r.Live() != test.live {
			t.Errorf("%s: %v", name, r.Live())
		}
	}
}
