package peer

import (
	"encoding/binary"
	"sync"
	"testing"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/peertest"
)

// A healthy session has streams that nobody waits for: those of mediasoup's probator and
// of consumers that were closed, feedback about the whole connection, reports of others.
func TestAHealthySessionWarnsOfNothing(t *testing.T) {
	log := &peertest.Warnings{}
	a := newTestPeerWith(t, Options{Loopback: true, LoggerFactory: log})
	b := newTestServer(t)
	video := newFakeTrack(media.Video)
	sender := add(t, a, video)
	connect(t, a, b)
	send(t, sender, b)
	// What the server sends, and this side closes.
	sound := newFakeTrack(media.Audio)
	closed := send(t, add(t, b, sound), a)
	untilConnected(t, a, b)
	closed.Stop()
	var strange sync.Map
	a.streams.mu.Lock()
	taken := a.streams.strays
	a.streams.strays = func(packet []byte, now time.Time) {
		strange.Store(binary.BigEndian.Uint32(packet[8:]), true)
		taken(packet, now)
	}
	a.streams.mu.Unlock()
	before := video.keyframes.Load()
	eventually(t, "RTCP", func() bool {
		for ssrc := range uint32(40) {
			header := &rtp.Header{Version: 2, SSRC: 1200 + ssrc, PayloadType: 127}
			if _, err := b.gate.WriteRTP(header, make([]byte, 100)); err != nil {
				t.Fatal(err)
			}
		}
		sound.write(&media.EncodedFrame{Data: []byte{1, 2}, Keyframe: true})
		for _, ssrc := range []uint32{0, 4711, sender.Streams()[0].SSRC} {
			if err := b.writeRTCP(&rtcp.PictureLossIndication{MediaSSRC: ssrc}); err != nil {
				t.Fatal(err)
			}
		}

		_, first := strange.Load(uint32(1200))
		_, last := strange.Load(uint32(1239))

		return video.keyframes.Load() > before && first && last
	})
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	for _, line := range log.Lines() {
		t.Error(line)
	}
}
