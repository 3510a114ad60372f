package source_test

import (
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source"
)

// narrows is a relay that can keep back what comes from a server.
type narrows struct {
	address string
	mu      sync.Mutex
	kept    chan struct{}
}

func newNarrows(t *testing.T, to string) *narrows {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	n := &narrows{address: listener.Addr().String()}
	var all sync.WaitGroup
	t.Cleanup(all.Wait)
	t.Cleanup(func() { _ = listener.Close() })
	all.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", to)
			if err != nil {
				_ = client.Close()
				continue
			}
			all.Go(func() {
				_, _ = io.Copy(server, client)
				_ = server.Close()
			})
			all.Go(func() {
				n.copy(client, server)
				_ = client.Close()
			})
		}
	})
	return n
}

func (n *narrows) copy(client, server net.Conn) {
	buffer := make([]byte, 64<<10)
	for {
		read, err := server.Read(buffer)
		n.mu.Lock()
		kept := n.kept
		n.mu.Unlock()
		if kept != nil {
			<-kept
		}
		if _, failed := client.Write(buffer[:read]); failed != nil || err != nil {
			return
		}
	}
}

// keep keeps everything back for d.
func (n *narrows) keep(d time.Duration) {
	kept := make(chan struct{})
	n.mu.Lock()
	n.kept = kept
	n.mu.Unlock()
	timer := time.NewTimer(d)
	defer timer.Stop()
	<-timer.C
	n.mu.Lock()
	n.kept = nil
	n.mu.Unlock()
	close(kept)
}

// What a stream was kept back comes at once, and its newest is played from then on.
func TestALiveSourceGoesOnAtItsNewestAfterAStall(t *testing.T) {
	transcode, passes := true, false
	const stall = 4 * time.Second
	for name, test := range map[string]struct {
		codec  media.Codec
		decode *bool
	}{
		"VP8": {vp8, &transcode}, "VP9": {vp9, &transcode}, "H264": {avc42e01f, &transcode},
		"passed through": {avc42e01f, &passes},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := newRTSPServer(t, false, nil)
			server.publish(t)
			relay := newNarrows(t, server.address)
			f := newFixture(t)
			opened := f.open(t, source.Spec{
				Type: "url", Value: "rtsp://" + relay.address + "/live", Options: overTCP, Decode: test.decode, Timeout: patience,
			}, test.decode == &transcode, true)
			video := newCollector()
			attach(t, opened.Video, test.codec, media.EncodingSettings{}, video)
			if opened.Audio != nil {
				attach(t, opened.Audio, opus, media.EncodingSettings{}, newCollector())
			}
			video.wait(t, 40, 2*patience)
			relay.keep(stall)
			begin, before := time.Now(), video.count()
			video.wait(t, before+60, patience)
			t.Logf("60 pictures after %v", time.Since(begin))
			frames, longest, previous := video.snapshot(), time.Duration(0), begin
			video.mu.Lock()
			for _, came := range video.times[before : before+60] {
				longest, previous = max(longest, came.Sub(previous)), came
			}
			video.mu.Unlock()
			// As long again as it was kept back would be the fault.
			if longest > stall/2 {
				t.Errorf("no picture for %v", longest)
			}
			for i := range frames[1:] {
				if apart := frames[i+1].PTS - frames[i].PTS; apart < 2*time.Millisecond {
					t.Errorf("pictures %v apart, after %d of %d", apart, i, before)
				}
			}
			last := frames[len(frames)-1].PTS - frames[before-1].PTS
			if real := time.Since(begin) + stall; last > real+time.Second || strings.HasPrefix(name, "VP") && last < stall {
				t.Errorf("%v of pictures in %v", last, real)
			}
		})
	}
}
