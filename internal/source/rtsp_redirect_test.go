package source_test

import (
	"bufio"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source"
)

// redirecting answers every request of RTSP with answer, which %s stands for its CSeq in.
// Over TLS if certificate isn't nil.
func redirecting(t *testing.T, answer string, certificate *tls.Certificate) (address string, requests *atomic.Int32) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if certificate != nil {
		listener = tls.NewListener(listener, &tls.Config{Certificates: []tls.Certificate{*certificate}})
	}
	requests = &atomic.Int32{}
	g := newGoroutines(t)
	t.Cleanup(func() { _ = listener.Close() })
	serve := func(conn net.Conn) {
		defer func() { _ = conn.Close() }()
		in := bufio.NewReader(conn)
		sequence := ""
		for {
			line, err := in.ReadString('\n')
			if err != nil {
				return
			}
			if name, value, found := strings.Cut(line, ":"); found && name == "CSeq" {
				sequence = strings.TrimSpace(value)
			}
			if line == "\r\n" {
				requests.Add(1)
				if _, err := fmt.Fprintf(conn, answer, sequence); err != nil {
					return
				}
			}
		}
	}
	g.all.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			g.all.Go(func() { serve(conn) })
		}
	})
	return listener.Addr().String(), requests
}

func TestARedirectOfRTSPIsFollowedWhereAURLMayLead(t *testing.T) {
	authority := newAuthority(t)
	certificate := authority.issue(t, time.Now().Add(time.Hour), "127.0.0.1")
	server := newRTSPServer(t, true, nil)
	server.publish(t)
	found := "RTSP/1.0 302 Found\r\nCSeq: %%s\r\nLocation: %s\r\n\r\n"
	f := newFixture(t)
	to := fmt.Sprintf(found, "rtsp://"+server.address+"/live")
	first, _ := redirecting(t, to, nil)
	second, _ := redirecting(t, fmt.Sprintf(found, "rtsp://"+first+"/a"), nil)
	for name, options := range map[string]map[string]string{"TCP": overTCP, "UDP": {"rtsp_transport": "udp"}} {
		opened := f.open(t, source.Spec{Type: "url", Value: "rtsp://" + second + "/" + name, Options: options}, true, true)
		s := show(t, f, opened)
		s.more(t, 10, 10)
		s.check(t)
		opened.Audio.Stop()
		opened.Video.Stop()
	}

	secured := map[string]string{"ca_file": authority.file}
	protected, _ := redirecting(t, to, &certificate)
	frame, _ := redirecting(t, "$\x00\x00\x02ab"+to, &certificate)
	loop, _ := redirecting(t, fmt.Sprintf(found, "rtsp:///a"), nil)
	round, rounds := redirecting(t, fmt.Sprintf(found, "/again"), nil)
	before, _ := server.counts()
	for name, test := range map[string]struct {
		value   string
		options map[string]string
		says    string
	}{
		"to plain text":               {"rtsps://" + protected + "/a", secured, "from rtsps: to rtsp:"},
		"to plain text after a frame": {"rtsps://" + frame + "/a", secured, "from rtsps: to rtsp:"},
		"to no host":                  {"rtsp://" + loop + "/a", nil, "no URL"},
		"for ever":                    {"rtsp://" + round + "/a", nil, "too often"},
	} {
		_, err := f.registry.Open(t.Context(), source.Spec{Type: "url", Value: test.value, Options: test.options, Timeout: patience}, true, true)
		if !errors.Is(err, source.ErrNotAllowed) || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if after, _ := server.counts(); after != before {
		t.Errorf("the server in plain text was asked %d times", after-before)
	}
	if n := rounds.Load(); n > 20 {
		t.Errorf("%d requests", n)
	}
}

// A server of RTSP that is silent is waited for as long as timeout says, and the error says
// how long that was.
func TestASilentServerOfRTSPIsWaitedFor(t *testing.T) {
	silent, _ := redirecting(t, "%.0s", nil)
	f := newFixture(t)
	for name, test := range map[string]struct {
		options map[string]string
		waited  time.Duration
		says    string
	}{
		"TCP":        {overTCP, 2 * time.Second, "did not answer for 2s"},
		"by default": {nil, time.Second, "did not answer for 1s"},
		"UDP":        {map[string]string{"rtsp_transport": "udp"}, time.Second, "did not answer for 1s"},
	} {
		begin := time.Now()
		_, err := f.registry.Open(t.Context(), source.Spec{Type: "url", Value: "rtsp://" + silent + "/a", Options: test.options, Timeout: 2 * time.Second}, true, true)
		took := time.Since(begin)
		if !errors.Is(err, source.ErrTimeout) || took < test.waited*9/10 {
			t.Errorf("%s: after %v, %v", name, took, err)
		}
		if err != nil && !strings.Contains(err.Error(), test.says) && !strings.Contains(err.Error(), "took longer than 2s") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
