package peer

import (
	"bytes"
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/packetize/packetizetest"
)

// The whole way: packetized, encrypted, and put together again.
func TestH265AndG722ArriveWhole(t *testing.T) {
	a, b := newTestPeer(t), newTestServer(t)
	video, audio := newFakeTrack(media.Video), newFakeTrack(media.Audio)
	videoSender, audioSender := add(t, a, video), add(t, a, audio)
	negotiate(t, a, b, 49, 9)
	_, pictures, _ := receive(t, b, videoSender.Mid())
	_, sounds, _ := receive(t, b, audioSender.Mid())
	eventually(t, "both to be attached", func() bool { return video.feeds.Load() == 1 && audio.feeds.Load() == 1 })
	frame := bytes.Join([][]byte{packetizetest.H265Unit(32, 24), packetizetest.H265Unit(33, 41), packetizetest.H265Unit(34, 7), packetizetest.H265Unit(19, 5000)}, nil)
	packet := bytes.Repeat([]byte{7, 9}, 80)
	at := time.Duration(0)
	eventually(t, "a picture and sound", func() bool {
		video.write(&media.EncodedFrame{Data: frame, PTS: at, Keyframe: true})
		audio.write(&media.EncodedFrame{Data: packet, PTS: at, Keyframe: true})
		at += 20 * time.Millisecond

		return pictures.len() > 0 && sounds.len() > 2
	})
	pictures.mu.Lock()
	defer pictures.mu.Unlock()
	if got := pictures.frames[0]; !bytes.Equal(got.Data, frame) || !got.Keyframe {
		t.Errorf("%d bytes of %d arrived", len(got.Data), len(frame))
	}
	sounds.mu.Lock()
	defer sounds.mu.Unlock()
	first, second := sounds.frames[0], sounds.frames[1]
	if !bytes.Equal(first.Data, packet) || second.PTS-first.PTS != 20*time.Millisecond {
		t.Errorf("%d bytes arrived, the next %v later", len(first.Data), second.PTS-first.PTS)
	}
}
