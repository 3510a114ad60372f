package remote

import (
	"slices"
	"strings"
	"testing"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// frameOf is an interleaved packet of a payload type.
func frameOf(channel, payloadType byte, length int) []byte {
	frame := append([]byte{'$', channel, byte(length >> 8), byte(length), 0x80, 0x80 | payloadType}, make([]byte, max(length-2, 0))...)
	return frame[:4+length]
}

func TestPacketsOfRTSPAreComparedWithTheSDP(t *testing.T) {
	const sdp = "v=0\r\nm=audio 0 RTP/AVP 0 8\r\na=control:a\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:b\r\n"
	repeat := func(frame []byte, n int) []byte { return slices.Repeat(frame, n) }
	for name, test := range map[string]struct {
		comes []byte
		says  string
	}{
		"nothing":             {nil, ""},
		"another type":        {repeat(frameOf(2, 97, 100), leastWatched), "payload type 97 come, where its SDP tells of 96"},
		"its type":            {repeat(frameOf(2, 96, 100), leastWatched), "payload type 96 come, of which nothing can be read as the H264"},
		"few":                 {repeat(frameOf(2, 97, 100), leastWatched-1), ""},
		"sound alone":         {repeat(frameOf(0, 8, 160), 100), ""},
		"reports":             {repeat(frameOf(3, 72, 100), 100), ""},
		"what is no frame":    {append([]byte("RTSP/1.0 200 OK\r\n\r\n"), repeat(append(frameOf(2, 97, 20), "noise"...), leastWatched)...), "payload type 97"},
		"packets too short":   {repeat(frameOf(2, 97, 2), 100), ""},
		"packets of no bytes": {append(repeat(frameOf(2, 97, 0), 100), repeat(frameOf(2, 97, 12), leastWatched)...), "payload type 97"},
	} {
		for _, size := range []int{1, 7, 1000} {
			w := &rtspWatch{}
			w.described(sdp)
			w.setUp("RTP/AVP/TCP;unicast;interleaved=0-1")
			w.setUp("RTP/AVP/TCP;unicast;interleaved=2-3;ssrc=1")
			heads := &frameHeads{watch: w}
			for part := range slices.Chunk(test.comes, size) {
				heads.take(part)
			}
			if said := w.arrived(media.Video); (said == "") != (test.says == "") || !strings.Contains(said, test.says) {
				t.Errorf("%s, %d at a time: %q", name, size, said)
			}
		}
	}
	var none *rtspWatch
	if said := none.arrived(media.Audio); said != "" {
		t.Error(said)
	}
}
