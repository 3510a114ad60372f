package source_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec/codectest"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/sink"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source"
)

var (
	// live is what a live stream is made of: red and a tone, without an end.
	live    = append(append(append([]string{"-re"}, redPicture...), append([]string{"-re"}, tone440...)...), append(h264, "-tune", "zerolatency", "-g", "15", "-c:a", "aac")...)
	overTCP = map[string]string{"rtsp_transport": "tcp"}
)

// publish sends a live stream to the server, coded as further arguments say.
func (s *rtspServer) publish(t testing.TB, arguments ...string) {
	t.Helper()
	running(t, t.TempDir(), live, arguments, []string{"-f", "rtsp", "-rtsp_transport", "tcp", "rtsp://" + s.address + "/live"})
	eventually(t, 2*patience, "a published stream", s.ready)
}

// redShown counts red pictures and sound of tracks while they play.
type redShown struct {
	mu              sync.Mutex
	red, other      int
	loud            int
	pictures, sound time.Duration
}

func show(t *testing.T, f *fixture, opened *source.Opened) *redShown {
	t.Helper()
	s := &redShown{}
	handlers := sink.Handlers{
		Error: func(err error) { t.Error(err) },
		Video: func(frame *media.VideoFrame) {
			s.mu.Lock()
			defer s.mu.Unlock()
			if codectest.At(frame, frame.Width/2, frame.Height/2).Near(red, 12) {
				s.red++
			} else {
				s.other++
			}
			s.pictures = frame.PTS
		},
		Audio: func(frame *media.AudioFrame) {
			s.mu.Lock()
			defer s.mu.Unlock()
			for _, sample := range frame.Samples {
				if sample > 1000 {
					s.loud++
					break
				}
			}
			s.sound = frame.PTS
		},
	}
	for _, one := range []struct {
		track media.Track
		codec media.Codec
	}{{opened.Audio, opus}, {opened.Video, vp8}} {
		if one.track == nil {
			continue
		}
		tap, err := sink.NewTap(one.track, one.codec, media.EncodingSettings{}, handlers, f.start)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(tap.Close)
	}
	return s
}

func (s *redShown) counts() (red, loud int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.red, s.loud
}

// more waits for pictures and sound from now on.
func (s *redShown) more(t testing.TB, pictures, sounds int) {
	t.Helper()
	red, loud := s.counts()
	eventually(t, 2*patience, fmt.Sprintf("%d pictures and %d pieces of sound more", pictures, sounds), func() bool {
		r, l := s.counts()
		return r-red >= pictures && l-loud >= sounds
	})
}

// check is for the end: what came was right.
func (s *redShown) check(t testing.TB) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.other > 0 {
		t.Errorf("%d pictures of another colour", s.other)
	}
}

func TestRTSPPlays(t *testing.T) {
	for name, options := range map[string]map[string]string{
		"TCP":        overTCP,
		"UDP":        {"rtsp_transport": "udp"},
		"by default": nil,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := newRTSPServer(t, true, nil)
			server.user, server.password = "ann", "p@ss"
			server.publish(t)
			f := newFixture(t)
			opened := f.open(t, source.Spec{Type: "url", Value: "rtsp://ann:p%40ss@" + server.address + "/live", Options: options}, true, true)
			s := show(t, f, opened)
			s.more(t, 30, 40)
			s.check(t)
			for what, value := range map[string]string{
				"the wrong password": "rtsp://ann:wr0ng@" + server.address + "/live",
				"no password":        "rtsp://" + server.address + "/live",
			} {
				_, err := f.registry.Open(t.Context(), source.Spec{Type: "url", Value: value, Options: options}, true, true)
				if !errors.Is(err, source.ErrNotAllowed) || strings.Contains(err.Error(), "wr0ng") {
					t.Errorf("%s: %v", what, err)
				}
			}
			_, err := f.registry.Open(t.Context(), source.Spec{Type: "url", Value: "rtsp://ann:p%40ss@" + server.address + "/none", Options: options}, true, true)
			if !errors.Is(err, source.ErrNotFound) {
				t.Errorf("another path: %v", err)
			}
		})
	}
}

func TestALiveStreamThatDropsIsOpenedAgain(t *testing.T) {
	t.Parallel()
	server := newRTSPServer(t, false, nil)
	server.publish(t)
	f := newFixture(t)
	spec := source.Spec{Type: "url", Value: "rtsp://" + server.address + "/live", Options: overTCP}
	opened := f.open(t, spec, true, true)
	reasons := ended(opened.Video)
	s := show(t, f, opened)
	s.more(t, 10, 10)
	server.drop()
	eventually(t, patience, "the server asked again", func() bool {
		described, _ := server.counts()
		return described >= 2
	})
	s.more(t, 15, 15)
	select {
	case reason := <-reasons:
		t.Errorf("ended: %v", reason)
	default:
	}
	s.check(t)

	// One that is not to reconnect ends.
	spec.Options = map[string]string{"rtsp_transport": "tcp", "reconnect": "0"}
	once := f.open(t, spec, false, true)
	reasons = ended(once.Video)
	show(t, f, once).more(t, 5, 0)
	server.drop()
	_ = waitEnd(t, reasons, patience)
}

func TestALiveStreamThatStallsIsOpenedAgain(t *testing.T) {
	t.Parallel()
	server := newRTSPServer(t, false, nil)
	server.publish(t)
	f := newFixture(t)
	opened := f.open(t, source.Spec{Type: "url", Value: "rtsp://" + server.address + "/live", Options: overTCP, Timeout: 4 * time.Second}, true, true)
	s := show(t, f, opened)
	s.more(t, 10, 10)
	before, _ := server.counts()
	server.setMute(true)
	eventually(t, 2*patience, "the server asked again", func() bool {
		described, _ := server.counts()
		return described > before
	})
	server.setMute(false)
	s.more(t, 15, 15)
	s.check(t)
}

// Stopping the last track closes the source at once, also while reading blocks.
func TestAStalledStreamStopsAtOnce(t *testing.T) {
	t.Parallel()
	server := newRTSPServer(t, false, nil)
	server.publish(t)
	f := newFixture(t)
	opened := f.open(t, source.Spec{Type: "url", Value: "rtsp://" + server.address + "/live", Options: overTCP}, false, true)
	show(t, f, opened).more(t, 5, 0)
	server.setMute(true)
	_, readers := server.counts()
	if readers != 1 {
		t.Fatalf("%d readers", readers)
	}
	begin := time.Now()
	opened.Video.Stop()
	if len(f.registry.State()) != 0 {
		t.Error("the source is still there")
	}
	eventually(t, patience, "the connection closed", func() bool {
		_, readers := server.counts()
		return readers == 0
	})
	t.Logf("closed after %v", time.Since(begin))
	if took := time.Since(begin); took > 200*time.Millisecond*slack() {
		t.Errorf("took %v", took)
	}
}

func TestStreamsOfOtherProtocolsPlay(t *testing.T) {
	mpegts := []string{"-f", "mpegts", "-flush_packets", "1"}
	rtmp, srt, listen, udp, rtp := unused(t), udpPort(t), udpPort(t), udpPort(t), udpPort(t)
	for name, test := range map[string]struct {
		value  string
		format string
		send   []string
		// first says that the sender is there before the source is opened.
		first bool
	}{
		"MPEG-TS over UDP": {fmt.Sprintf("udp://127.0.0.1:%d", udp), "mpegts", append(mpegts, fmt.Sprintf("udp://127.0.0.1:%d?pkt_size=1316", udp)), true},
		"MPEG-TS over RTP": {fmt.Sprintf("rtp://127.0.0.1:%d", rtp), "", []string{"-f", "rtp_mpegts", fmt.Sprintf("rtp://127.0.0.1:%d?pkt_size=1316", rtp)}, true},
		"RTMP":             {"rtmp://" + rtmp + "/live/red", "", []string{"-f", "flv", "-listen", "1", "rtmp://" + rtmp + "/live/red"}, true},
		"SRT":              {fmt.Sprintf("srt://127.0.0.1:%d", srt), "mpegts", append(mpegts, fmt.Sprintf("srt://127.0.0.1:%d?mode=listener", srt)), true},
		"SRT that listens": {fmt.Sprintf("srt://127.0.0.1:%d?mode=listener", listen), "", append(mpegts, fmt.Sprintf("srt://127.0.0.1:%d", listen)), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			start := func() { running(t, t.TempDir(), live, test.send) }
			if test.first {
				start()
			} else {
				time.AfterFunc(300*time.Millisecond, start)
			}
			var opened *source.Opened
			eventually(t, 2*patience, "an open stream", func() bool {
				var err error
				opened, err = f.registry.Open(t.Context(), source.Spec{Type: "url", Value: test.value, Format: test.format, Timeout: patience}, true, true)
				if err != nil && !errors.Is(err, source.ErrNetwork) {
					t.Fatal(err)
				}
				return err == nil
			})
			s := show(t, f, opened)
			s.more(t, 30, 40)
			s.check(t)
		})
	}
}

func TestAStreamThatNeverComesIsATimeout(t *testing.T) {
	f := newFixture(t)
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	for _, value := range []string{
		fmt.Sprintf("udp://127.0.0.1:%d", udpPort(t)),
		fmt.Sprintf("srt://127.0.0.1:%d?mode=listener", udpPort(t)),
		"rtsp://" + silent.Addr().String() + "/live",
		"rtmp://" + silent.Addr().String() + "/live/red",
	} {
		begin := time.Now()
		_, err := f.registry.Open(t.Context(), source.Spec{Type: "url", Value: value, Timeout: time.Second}, true, true)
		if !errors.Is(err, source.ErrTimeout) {
			t.Errorf("%s: %v", value, err)
		}
		if took := time.Since(begin); took > 2*time.Second*slack() {
			t.Errorf("%s: took %v", value, took)
		}
	}
	for _, value := range []string{"rtsp://" + unused(t) + "/live", "rtmp://" + unused(t) + "/live/red"} {
		if _, err := f.registry.Open(t.Context(), source.Spec{Type: "url", Value: value}, true, true); !errors.Is(err, source.ErrNetwork) {
			t.Errorf("%s: %v", value, err)
		}
	}
	if _, err := f.registry.Open(t.Context(), source.Spec{Type: "url", Value: "rtsp://no-such-host.invalid/live"}, true, true); !errors.Is(err, source.ErrNetwork) {
		t.Error(err)
	}
}

func TestClosingTheRegistryCancelsWhatOpens(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = silent.Close() })
	for _, value := range []string{
		fmt.Sprintf("udp://127.0.0.1:%d", udpPort(t)),
		fmt.Sprintf("rtp://127.0.0.1:%d", udpPort(t)),
		fmt.Sprintf("srt://127.0.0.1:%d?mode=listener", udpPort(t)),
		"rtsp://" + silent.Addr().String() + "/live",
		"rtsps://" + silent.Addr().String() + "/live",
		"rtmp://" + silent.Addr().String() + "/live/red",
		"rtmps://" + silent.Addr().String() + "/live/red",
		"http://" + silent.Addr().String() + "/a.mp4",
		"https://" + silent.Addr().String() + "/a.mp4",
	} {
		scheme, _, _ := strings.Cut(value, ":")
		t.Run(scheme, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			refused := make(chan error, 2)
			for range 2 {
				go func() {
					_, err := f.registry.Open(t.Context(), source.Spec{Type: "url", Value: value, Timeout: time.Minute}, true, true)
					refused <- err
				}()
			}
			// Time to get into FFmpeg; before it, too, opening is to end.
			time.Sleep(300 * time.Millisecond)
			begin := time.Now()
			f.registry.Close()
			for range 2 {
				if err := waitEnd(t, refused, patience); !errors.Is(err, source.ErrClosed) {
					t.Errorf("%s: %v", value, err)
				}
			}
			if took := time.Since(begin); took > time.Second*slack() {
				t.Errorf("%s: took %v", value, took)
			}
		})
	}
}

func TestStreamsOverTLSAreVerified(t *testing.T) {
	authority := newAuthority(t)
	certificate := authority.issue(t, time.Now().Add(time.Hour), "127.0.0.1")
	server := newRTSPServer(t, false, &certificate)
	server.user, server.password = "ann", "p@ss"
	running(t, t.TempDir(), live, []string{"-f", "rtsp", "-rtsp_transport", "tcp", "rtsps://" + server.address + "/live"})
	eventually(t, 2*patience, "a published stream", server.ready)
	f := newFixture(t)
	value := "rtsps://ann:p%40ss@" + server.address + "/live"
	trusted := map[string]string{"ca_file": authority.file}
	opened := f.open(t, source.Spec{Type: "url", Value: value, Options: trusted}, true, true)
	s := show(t, f, opened)
	s.more(t, 15, 20)
	s.check(t)

	_, err := f.registry.Open(t.Context(), source.Spec{Type: "url", Value: value}, true, true)
	if !errors.Is(err, source.ErrNetwork) || !strings.Contains(err.Error(), "not trusted") {
		t.Error(err)
	}
}

func TestRTMPOverTLSIsVerified(t *testing.T) {
	authority := newAuthority(t)
	rtmp := unused(t)
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{
		Certificates: []tls.Certificate{authority.issue(t, time.Now().Add(time.Hour), "127.0.0.1")},
	})
	if err != nil {
		t.Fatal(err)
	}
	f := newFixture(t)
	t.Cleanup(func() { _ = listener.Close() })
	f.start("", func(context.Context) { forward(f, listener, rtmp) })
	running(t, t.TempDir(), live, []string{"-f", "flv", "-listen", "1", "rtmp://" + rtmp + "/live/red"})
	value := "rtmps://" + listener.Addr().String() + "/live/red"
	for _, test := range []struct {
		value   string
		options map[string]string
	}{
		{value, nil},
		{strings.Replace(value, "127.0.0.1", "localhost", 1), map[string]string{"ca_file": authority.file}},
	} {
		_, err := f.registry.Open(t.Context(), source.Spec{Type: "url", Value: test.value, Options: test.options}, true, true)
		if !errors.Is(err, source.ErrNetwork) || !strings.Contains(err.Error(), "not trusted") {
			t.Errorf("%s: %v", test.value, err)
		}
	}
	var opened *source.Opened
	eventually(t, 2*patience, "an open stream", func() bool {
		opened, err = f.registry.Open(t.Context(), source.Spec{Type: "url", Value: value, Options: map[string]string{"ca_file": authority.file}}, true, true)
		if err != nil && !errors.Is(err, source.ErrNetwork) {
			t.Fatal(err)
		}
		return err == nil
	})
	s := show(t, f, opened)
	s.more(t, 15, 20)
	s.check(t)
}

// forward hands connections that say anything on to address.
func forward(f *fixture, listener net.Listener, address string) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		f.start("", func(ctx context.Context) {
			defer conn.Close()
			defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
			first := make([]byte, 1)
			if _, err := conn.Read(first); err != nil {
				return
			}
			other, err := net.Dial("tcp", address)
			if err != nil {
				return
			}
			defer other.Close()
			if _, err := other.Write(first); err != nil {
				return
			}
			f.start("", func(context.Context) {
				_, _ = io.Copy(conn, other)
				_ = conn.Close()
			})
			_, _ = io.Copy(other, conn)
		})
	}
}

func TestAStreamThatEndsAtOnceIsProbed(t *testing.T) {
	t.Parallel()
	g := newGoroutines(t)
	for range 3 {
		address := unused(t)
		running(t, t.TempDir(), live, []string{"-t", "0.4", "-f", "flv", "-listen", "1", "rtmp://" + address + "/live/red"})
		spec := source.Spec{Type: "url", Value: "rtmp://" + address + "/live/red", Timeout: patience}
		eventually(t, 2*patience, "an open stream", func() bool {
			probed, err := source.Probe(t.Context(), g.start, testLog{t}, spec, []media.Codec{opus, avc})
			if err != nil {
				return false
			}
			for _, s := range probed.Streams {
				if s.Played && !s.Decodable {
					t.Errorf("%+v", s)
				}
			}
			return true
		})
	}
}
