package remote

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/address"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/refusal"
)

func FuzzURLOptions(f *testing.F) {
	for _, seed := range [][2]string{
		{"headers", "A: b\r\nC: d"},
		{"headers", "A b"},
		{"cookies", "a=b; path=/"},
		{"reconnect", "0"},
		{"reconnect", "x"},
		{"protocol_whitelist", "file"},
		{"-safe", "0"},
		{"tls_verify", "0"},
		{"http_proxy", "http://a:1"},
		{"http_proxy", "file:"},
		{"ca_file", "/dev/zero"},
		{"ca_file", "/none"},
		{"probesize", "1"},
		{"", ""},
		{"a\x00b", "c"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, name, value string) {
		u, err := newURLSource(Spec{URL: "http://host/a", Options: map[string]string{name: value}})
		var told *refusal.Error
		if err != nil {
			if !errors.As(err, &told) {
				t.Errorf("%v", err)
			}
			return
		}
		for _, all := range []map[string]string{u.options.demuxer, u.options.own} {
			for option := range maps.Keys(all) {
				if refusedOptions()[strings.ToLower(strings.TrimLeft(option, "+-"))] != "" {
					t.Errorf("option %q went through", option)
				}
			}
		}
		client, err := u.options.client(u)
		if err != nil && !errors.As(err, &told) {
			t.Errorf("%v", err)
		}
		if client != nil {
			client.Close()
		}
	})
}

func TestAURLHasTheOptionsOfItsSchemeAlone(t *testing.T) {
	addresses := map[string]string{}
	for scheme := range address.Schemes() {
		addresses[scheme] = scheme + "://host:1234/a/b"
	}
	own := map[string][]string{
		"rtsp": {"rtsp_transport=tcp", "rtsp_flags=+prefer_tcp", "reorder_queue_size=1"}, "rtmp": {"rtmp_live=live", "listen=1"},
		"srt": {"passphrase=s3crets3cret", "latency=1"}, "udp": {"fifo_size=1", "localaddr=127.0.0.1"}, "rtp": {"rtcp_port=1"},
		"http": {"live_start_index=-1", "headers=A: b", "user_agent=a"},
	}
	split := func(scheme, option string) error {
		name, value, _ := strings.Cut(option, "=")
		_, err := newURLSource(Spec{URL: addresses[scheme], Options: map[string]string{name: value}})
		return err
	}
	// Two schemes that share their options share the list above.
	family := func(scheme string) string {
		if scheme != "udp" {
			scheme = strings.TrimSuffix(scheme, "s")
		}
		return scheme
	}
	shared := map[string]bool{"user_agent": true, "localaddr": true, "reorder_queue_size": true}
	for scheme := range addresses {
		for _, option := range []string{"probesize=5000", "fflags=nobuffer", "reconnect=0"} {
			if err := split(scheme, option); err != nil {
				t.Errorf("%s: %v", scheme, err)
			}
		}
		for of, options := range own {
			for _, option := range options {
				name, _, _ := strings.Cut(option, "=")
				err := split(scheme, option)
				switch {
				case of == family(scheme) && err != nil:
					t.Errorf("%s: %v", scheme, err)
				case of != family(scheme) && !shared[name] && !errors.Is(err, refusal.ErrUnsupported):
					t.Errorf("%s took %s: %v", scheme, option, err)
				case err != nil && !strings.Contains(err.Error(), `"`+name+`"`):
					t.Errorf("%q does not name %s", err, name)
				}
			}
		}
		for _, option := range []string{"dump_separator=x", "cryptokey=00", "metadata_header_padding=1", "no_such=1", "Probesize=1", "probesize =1"} {
			if err := split(scheme, option); !errors.Is(err, refusal.ErrUnsupported) {
				t.Errorf("%s took %s: %v", scheme, option, err)
			}
		}
	}
	for option, kind := range map[string]error{
		"rtsp_flags=custom_io": refusal.ErrInvalid, "rtsp_flags=prefer_tcp+listen": refusal.ErrInvalid, "rtsp_transport=http": refusal.ErrInvalid,
		"rtsp_transport=udp+tcp": nil, "stimeout=1": refusal.ErrNotAllowed, "protocol_whitelist=file": refusal.ErrNotAllowed,
	} {
		if err := split("rtsp", option); !errors.Is(err, kind) {
			t.Errorf("%s: %v", option, err)
		}
	}
}

func TestHeadersAreLines(t *testing.T) {
	header := make(http.Header)
	if err := addHeaders(header, "A: b\r\nX-Long-Name:  c d \n\r\n"); err != nil || header.Get("A") != "b" || header.Get("X-Long-Name") != "c d" {
		t.Errorf("%v, %v", header, err)
	}
	for _, wrong := range []string{"A", ": b", "A b: c", "A: b\x00", "(: b"} {
		if err := addHeaders(make(http.Header), wrong); err == nil {
			t.Errorf("%q was taken", wrong)
		}
	}
}

// plain is a resource of given bytes.
type plain struct{ io.Reader }

func (plain) Seek(int64, int) (int64, error) { return 0, errors.New("no") }
func (plain) Close() error                   { return nil }
func (plain) Size() int64                    { return 1 }
func (plain) Seekable() bool                 { return true }
func (plain) Location() string               { return "" }

var _ av.Resource = plain{}

func TestEncryptedSegmentsAreDecrypted(t *testing.T) {
	key, iv := bytes.Repeat([]byte{7}, 16), bytes.Repeat([]byte{9}, 16)
	block, err := aes.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	for _, length := range []int{0, 1, 15, 16, 17, 32 << 10, 32<<10 + 1, 100_000} {
		clear := bytes.Repeat([]byte("0123456789abc"), length/13+1)[:length]
		padding := 16 - length%16
		padded := append(bytes.Clone(clear), bytes.Repeat([]byte{byte(padding)}, padding)...)
		coded := make([]byte, len(padded))
		cipher.NewCBCEncrypter(block, iv).CryptBlocks(coded, padded)
		for name, reader := range map[string]io.Reader{
			"whole": bytes.NewReader(coded), "halves": iotest.HalfReader(bytes.NewReader(coded)),
			"bytes": iotest.OneByteReader(bytes.NewReader(coded)), "with its end": iotest.DataErrReader(bytes.NewReader(coded)),
		} {
			d, err := newDecrypted(plain{reader}, hex.EncodeToString(key), hex.EncodeToString(iv))
			if err != nil {
				t.Fatal(err)
			}
			if got, err := io.ReadAll(d); err != nil || !bytes.Equal(got, clear) {
				t.Errorf("%d bytes, %s: %d bytes, %v", length, name, len(got), err)
			}
		}
		if length > 0 {
			d, _ := newDecrypted(plain{bytes.NewReader(coded[:len(coded)-1])}, hex.EncodeToString(key), hex.EncodeToString(iv))
			if _, err := io.ReadAll(d); err == nil {
				t.Errorf("%d bytes: a part of a block was taken", length)
			}
		}
	}
	if _, err := newDecrypted(plain{}, "00", hex.EncodeToString(iv)); err == nil {
		t.Error("a short key was taken")
	}
}

func TestPausesGrow(t *testing.T) {
	var p pauses
	now := time.Now()
	for _, want := range []time.Duration{1, 2, 4, 8, 16, 30, 30} {
		p.begin(now)
		if p.pause != want*time.Second {
			t.Errorf("%v, want %v s", p.pause, want)
		}
		p.opened = now
		now = now.Add(steadyAfter - time.Second)
	}
	p.begin(now.Add(steadyAfter))
	if p.pause != time.Second {
		t.Errorf("%v after a connection that held", p.pause)
	}
}

// only allows one address of this machine.
func only(address string) func(netip.Addr) bool {
	return func(a netip.Addr) bool { return a == netip.MustParseAddr(address) }
}

func TestPublicOnlyForbidsPrivateAddresses(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	reached := make(chan struct{}, 100)
	served := make(chan struct{})
	go func() {
		defer close(served)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			reached <- struct{}{}
			_ = conn.Close()
		}
	}()
	host := listener.Addr().String()
	_, port, _ := net.SplitHostPort(host)
	var all sync.WaitGroup
	start := func(_ string, f func(context.Context)) { all.Go(func() { f(t.Context()) }) }
	public := map[string]string{OptionPublicOnly: "1"}
	for _, value := range []string{
		"http://" + host + "/a", "https://" + host + "/a", "http://localhost:" + port, "rtsp://" + host + "/a", "rtsps://" + host + "/a",
		"rtmp://" + host + "/a/b", "rtmps://" + host + "/a/b", "rtmp://localhost:" + port + "/a/b", "srt://" + host,
		"udp://" + host, "rtp://" + host, "srt://:9000?mode=listener", "udp://@:1234", "rtsp://[::ffff:127.0.0.1]:" + port + "/a",
		"http://169.254.169.254/latest/meta-data", "http://10.0.0.1/",
	} {
		_, err := Open(t.Context(), start, nil, Spec{URL: value, Options: public, Timeout: 5 * time.Second}, func() {})
		if !errors.Is(err, refusal.ErrNotAllowed) || !strings.Contains(err.Error(), "public_only") && !strings.Contains(err.Error(), "names no host") {
			t.Errorf("%s: %v", value, err)
		}
	}
	_ = listener.Close()
	<-served
	if n := len(reached); n > 0 {
		t.Errorf("it was reached %d times", n)
	}
	all.Wait()

	proxied := Spec{URL: "http://host/a", Options: map[string]string{OptionPublicOnly: "1", "http_proxy": "http://" + host}}
	if _, err := Open(t.Context(), start, nil, proxied, func() {}); !errors.Is(err, refusal.ErrNotAllowed) {
		t.Errorf("with a proxy: %v", err)
	}
	for name, value := range map[string]string{OptionPublicOnly: "yes", "rtsp_transport": "udp"} {
		spec := Spec{URL: "rtsp://host/a", Options: map[string]string{OptionPublicOnly: "1"}}
		spec.Options[name] = value
		if _, err := newURLSource(spec); !errors.Is(err, refusal.ErrInvalid) {
			t.Errorf("%s %s: %v", name, value, err)
		}
	}
}

// What a URL leads to is held to the same: playlists, and where a server of RTSP sends.
func TestPublicOnlyHoldsForAllThatAURLLeadsTo(t *testing.T) {
	other := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("it was reached") }))
	listener, err := net.Listen("tcp", "127.0.0.2:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = other.Listener.Close()
	other.Listener = listener
	other.Start()
	defer other.Close()
	for name, handler := range map[string]http.HandlerFunc{
		"a redirect": func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, other.URL, http.StatusFound) },
		"a playlist": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = fmt.Fprintf(w, "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n%s/a.ts\n#EXT-X-ENDLIST\n", other.URL)
		},
		"a master playlist": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = fmt.Fprintf(w, "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n%s/a.m3u8\n", other.URL)
		},
	} {
		server := httptest.NewServer(handler)
		u, err := newURLSource(Spec{URL: server.URL + "/a.m3u8", Timeout: 5 * time.Second})
		if err != nil {
			t.Fatal(err)
		}
		u.allow = only("127.0.0.1")
		if u.client, err = u.options.client(u); err != nil {
			t.Fatal(err)
		}
		_, err = u.open(t.Context())
		if err = u.openError(t.Context(), err); !errors.Is(err, refusal.ErrNotAllowed) || !strings.Contains(err.Error(), "public_only") {
			t.Errorf("%s: %v", name, err)
		}
		u.client.Close()
		server.Close()
	}
}
