package peer

import (
	"testing"
	"time"

	"github.com/pion/rtcp"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

func TestTheCodecsParametersSetTheEncoder(t *testing.T) {
	opus := media.Codec{
		MimeType:   "audio/opus",
		Parameters: "minptime=10; stereo=1;useinbandfec=1;usedtx=1;maxplaybackrate=8000;maxaveragebitrate=20000;ptime=60",
	}
	got := codecSettings(opus, Encoding{MaxBitrate: 30000})
	if got != (media.EncodingSettings{
		MaxBitrate: 20000, Stereo: true, FEC: true, DTX: true, MaxPlaybackRate: 8000, PacketDuration: 60 * time.Millisecond,
	}) {
		t.Errorf("Opus: %+v", got)
	}
	vp8 := media.Codec{
		MimeType:   "video/VP8",
		Parameters: "x-google-start-bitrate=300;x-google-min-bitrate=100;x-google-max-bitrate=900;stereo=1",
	}
	got = codecSettings(vp8, Encoding{MaxBitrate: 500_000, MaxFramerate: 5})
	if got != (media.EncodingSettings{MaxBitrate: 500_000, StartBitrate: 300_000, MinBitrate: 100_000, MaxFramerate: 5}) {
		t.Errorf("VP8: %+v", got)
	}
	for _, parameters := range []string{"", "ptime=15;stereo=0", "ptime=-20;maxplaybackrate=NaN", "=;;=1;ptime"} {
		got := codecSettings(media.Codec{MimeType: "audio/opus", Parameters: parameters}, Encoding{})
		if got != (media.EncodingSettings{}) {
			t.Errorf("%q: %+v", parameters, got)
		}
	}
}

func TestSoundIsSentAgainWhereTheServerAsksForIt(t *testing.T) {
	a, b := newTestPeer(t), newTestServer(t)
	sound := newFakeTrack(media.Audio)
	sender := add(t, a, sound)
	negotiate(t, a, b)
	receiver, sounds, _ := receive(t, b, sender.Mid())
	eventually(t, "a sound", func() bool {
		sound.write(&media.EncodedFrame{Data: []byte{1, 2}, Keyframe: true, PTS: time.Duration(sounds.len()) * 20 * time.Millisecond})
		time.Sleep(5 * time.Millisecond)

		return sounds.len() > 0
	})
	sent := sender.layers[0].out.Counts()
	nack := &rtcp.TransportLayerNack{
		MediaSSRC: receiver.options.Stream.SSRC, Nacks: []rtcp.NackPair{{PacketID: sent.First}},
	}
	eventually(t, "it again", func() bool {
		if err := b.writeRTCP(nack); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Millisecond)
		again, _ := field(t, sender.Stats(), "outbound-rtp", "retransmittedPacketsSent").(uint64)

		return again > 0 && field(t, sender.Stats(), "outbound-rtp", "nackCount").(uint64) > 0
	})
	if n := field(t, receiver.Stats(), "inbound-rtp", "nackCount").(uint64); n == 0 {
		t.Error("the NACKs that were sent are not counted")
	}
}
