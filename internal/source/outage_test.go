package source_test

import (
	"context"
	"fmt"
	"net/http"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source"
)

// againLog tells when a source is open again.
type againLog struct {
	testLog
	again chan time.Time
}

func (l againLog) Warnf(format string, args ...any) {
	l.testLog.Warnf(format, args...)
	if strings.HasSuffix(fmt.Sprintf(format, args...), "is open again") {
		l.again <- time.Now()
	}
}

// interrupted is a live source that can be away.
type interrupted struct {
	spec source.Spec
	// drop ends it, back lets it come again.
	drop, back func()
}

func overRTSP(t *testing.T, transport string, arguments ...string) interrupted {
	server := newRTSPServer(t, transport == "udp", nil)
	server.publish(t, arguments...)
	return interrupted{
		spec: source.Spec{Value: "rtsp://" + server.address + "/live", Options: map[string]string{"rtsp_transport": transport}, Timeout: 4 * time.Second},
		drop: func() { server.setAway(true) },
		back: func() { server.setAway(false) },
	}
}

// sending is a program that waits for whom it sends to.
func sending(t *testing.T, value, format string, send ...string) interrupted {
	var stop func()
	start := func() { stop = running(t, t.TempDir(), live, send) }
	start()
	return interrupted{
		spec: source.Spec{Value: value, Format: format},
		drop: func() { stop() },
		back: start,
	}
}

// flushing sends on at once what is written.
type flushing struct{ http.ResponseWriter }

func (f flushing) Write(data []byte) (int, error) {
	n, err := f.ResponseWriter.Write(data)
	_ = http.NewResponseController(f.ResponseWriter).Flush()
	return n, err
}

func overHTTP(t *testing.T) interrupted {
	var away atomic.Bool
	var drops sync.Map
	address := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if away.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		ctx, cancel := context.WithCancel(r.Context())
		defer cancel()
		drops.Store(&ctx, cancel)
		w.Header().Set("Content-Type", "video/mp2t")
		arguments := slices.Concat([]string{"-nostdin", "-v", "error"}, live, []string{"-f", "mpegts", "-flush_packets", "1", "pipe:1"})
		sender := exec.CommandContext(ctx, "ffmpeg", arguments...)
		sender.Stdout = flushing{w}
		_ = sender.Run()
	})
	return interrupted{
		spec: source.Spec{Value: address + "/camera", Options: map[string]string{"live": "1"}},
		drop: func() {
			away.Store(true)
			drops.Range(func(_, cancel any) bool {
				cancel.(context.CancelFunc)()
				return true
			})
		},
		back: func() { away.Store(false) },
	}
}

func TestALiveSourceGoesOnAtOnceAfterAnOutage(t *testing.T) {
	transcode, forced := true, false
	const outage = 5 * time.Second
	for name, test := range map[string]struct {
		make   func(t *testing.T) interrupted
		decode *bool
		sound  bool
	}{
		"RTSP over TCP":                 {func(t *testing.T) interrupted { return overRTSP(t, "tcp") }, &transcode, true},
		"RTSP over TCP, passed through": {func(t *testing.T) interrupted { return overRTSP(t, "tcp") }, &forced, false},
		"RTSP over TCP, sound passed through too": {func(t *testing.T) interrupted {
			return overRTSP(t, "tcp", "-c:a", "libopus")
		}, &forced, true},
		"RTSP over UDP":     {func(t *testing.T) interrupted { return overRTSP(t, "udp") }, &transcode, true},
		"MPEG-TS over HTTP": {overHTTP, &transcode, true},
		"RTMP": {func(t *testing.T) interrupted {
			url := "rtmp://" + unused(t) + "/live/red"
			return sending(t, url, "", "-f", "flv", "-listen", "1", url)
		}, &transcode, true},
		"SRT": {func(t *testing.T) interrupted {
			url := fmt.Sprintf("srt://127.0.0.1:%d", udpPort(t))
			return sending(t, url, "mpegts", "-f", "mpegts", "-flush_packets", "1", url+"?mode=listener")
		}, &transcode, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			one := test.make(t)
			one.spec.Type, one.spec.Decode = "url", test.decode
			g := newGoroutines(t)
			log := againLog{testLog{t}, make(chan time.Time, 10)}
			f := &fixture{goroutines: g, registry: source.NewRegistry(log, g.start)}
			t.Cleanup(f.registry.Close)
			var opened *source.Opened
			eventually(t, 2*patience, "an open stream", func() bool {
				var err error
				opened, err = f.registry.Open(t.Context(), one.spec, test.sound, true)
				return err == nil
			})
			sounds := 0
			if test.sound {
				sounds = 10
			}
			var more func(pictures, sounds int)
			if test.decode == &forced {
				video, audio := newCollector(), newCollector()
				attach(t, opened.Video, avc42e01f, media.EncodingSettings{}, video)
				if test.sound {
					attach(t, opened.Audio, opus, media.EncodingSettings{}, audio)
				}
				more = func(pictures, sounds int) {
					pictures, sounds = pictures+video.count(), sounds+audio.count()
					video.wait(t, pictures, 2*patience)
					audio.wait(t, sounds, 2*patience)
				}
			} else {
				s := show(t, f, opened)
				more = func(pictures, sounds int) { s.more(t, pictures, sounds) }
			}
			more(20, sounds)
			one.drop()
			dropped := time.Now()
			timer := time.NewTimer(outage)
			defer timer.Stop()
			<-timer.C
			one.back()
			var again time.Time
			select {
			case again = <-log.again:
			case <-time.After(3 * patience):
				t.Fatal("it was not opened again")
			}
			more(5, sounds/2)
			first := time.Since(again)
			more(45, 2*sounds)
			steady := time.Since(again)
			t.Logf("open again %v after the drop; then pictures and sound after %v, 50 pictures after %v",
				again.Sub(dropped).Round(time.Millisecond), first.Round(time.Millisecond), steady.Round(time.Millisecond))
			// As long again as it was away would be the fault; 50 pictures are 1.7 s.
			if first > outage/2 || steady > outage {
				t.Errorf("out for %v more, and 50 pictures took %v", first, steady)
			}
		})
	}
}
