package remote

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// frameOf is an interleaved packet of a payload type.
func frameOf(channel, payloadType byte, length int) []byte {
	frame := append([]byte{'$', channel, byte(length >> 8), byte(length), 0x80, 0x80 | payloadType}, make([]byte, max(length-2, 0))...)
	return frame[:4+length]
}

// timed gives each packet a timestamp of its own.
func timed(frame []byte, n int) (frames [][]byte) {
	for i := range n {
		one := slices.Clone(frame)
		one[11] = byte(i)
		frames = append(frames, one)
	}
	return frames
}

// watching has an SDP of sound and pictures, which come by channels 0 and 2.
func watching(media ...string) *rtspWatch {
	w := &rtspWatch{analysis: 2 * time.Second}
	w.described("v=0\r\na=control:*\r\nm=audio 0 RTP/AVP 0 8\r\na=control:a\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:b\r\nm=application 0 RTP/AVP 98\r\na=control:c\r\n")
	for _, one := range media {
		transport := map[string]string{"a": "RTP/AVP/TCP;unicast;interleaved=0-1", "b": "RTP/AVP/TCP;interleaved=2-3;ssrc=1", "c": "RTP/AVP/TCP;interleaved=4-5"}[one]
		w.setUp(w.mediaAt("rtsp://camera.example/live/"+one), transport)
	}
	return w
}

func TestPacketsOfRTSPAreComparedWithTheSDP(t *testing.T) {
	repeat := func(frame []byte, n int) [][]byte { return slices.Repeat([][]byte{frame}, n) }
	const otherType = "payload type 97 come, where its SDP tells of 96 (H264)"
	for name, test := range map[string]struct {
		comes [][]byte
		// every is how often.
		every time.Duration
		says  string
		sure  bool
		// hopeful is where something comes that may be as it should be.
		hopeful bool
	}{
		"nothing":             {},
		"another type":        {repeat(frameOf(2, 97, 100), leastWatched), 200 * time.Millisecond, otherType, true, false},
		"at once":             {repeat(frameOf(2, 97, 100), 1000), time.Millisecond / 2, "", false, false},
		"its type":            {timed(frameOf(2, 96, 100), 100), 25 * time.Millisecond, "payload type 96 come, of which nothing can be read as the H264", false, false},
		"not for long":        {timed(frameOf(2, 96, 100), 100), 15 * time.Millisecond, "", false, true},
		"one picture":         {repeat(frameOf(2, 96, 100), 100), 100 * time.Millisecond, "", false, true},
		"few":                 {repeat(frameOf(2, 97, 100), leastWatched-1), time.Second, "", false, false},
		"both":                {slices.Concat(repeat(frameOf(2, 97, 100), 10), repeat(frameOf(2, 96, 100), 10)), 100 * time.Millisecond, "", false, true},
		"sound alone":         {timed(frameOf(0, 8, 160), 100), 100 * time.Millisecond, "", false, false},
		"reports":             {repeat(frameOf(3, 72, 100), 100), 100 * time.Millisecond, "", false, false},
		"reports with it":     {repeat(frameOf(2, 72, 100), 100), 100 * time.Millisecond, "", false, false},
		"what is no frame":    {append([][]byte{[]byte("RTSP/1.0 200 OK\r\n\r\n")}, repeat(append(frameOf(2, 97, 20), "noise"...), 20)...), 100 * time.Millisecond, otherType, true, false},
		"packets too short":   {repeat(frameOf(2, 97, 2), 100), 100 * time.Millisecond, "", false, false},
		"packets of no bytes": {append(repeat(frameOf(2, 97, 0), 100), repeat(frameOf(2, 97, 12), 20)...), 100 * time.Millisecond, otherType, true, false},
	} {
		for _, size := range []int{1, 7, 1000} {
			synctest.Test(t, func(t *testing.T) {
				w := watching("a", "b", "c")
				heads := &frameHeads{watch: w}
				for _, one := range test.comes {
					for part := range slices.Chunk(one, size) {
						heads.take(part)
					}
					time.Sleep(test.every)
				}
				said, sure := w.arrived(media.Video)
				if (said == "") != (test.says == "") || !strings.Contains(said, test.says) || sure != test.sure && test.says != "" {
					t.Errorf("%s, %d at a time: %q, %v", name, size, said, sure)
				}
				if hopeful := w.hopeful(); hopeful != test.hopeful {
					t.Errorf("%s: hopeful: %v", name, hopeful)
				}
				w.read(media.Video)
				if said, sure := w.arrived(media.Video); said != "" || sure {
					t.Errorf("%s, read: %q, %v", name, said, sure)
				}
			})
		}
	}
	var none *rtspWatch
	none.read(media.Audio)
	if said, sure := none.arrived(media.Audio); said != "" || sure {
		t.Error(said)
	}
}

// Only where nothing else can come of a server that is being opened it is told at once what comes.
func TestAServerOfWhichAllIsOtherIsToldOfOnce(t *testing.T) {
	for name, test := range map[string]struct {
		asked string
		types [2]byte
		told  bool
	}{
		"all":               {"abc", [2]byte{97, 99}, true},
		"all that is asked": {"b", [2]byte{0, 97}, true},
		"pictures":          {"abc", [2]byte{0, 97}, false},
		"sound":             {"abc", [2]byte{97, 96}, false},
		"noise":             {"abc", [2]byte{comfortNoise, 97}, false},
	} {
		synctest.Test(t, func(t *testing.T) {
			var told []string
			w := watching(strings.Split(test.asked, "")...)
			w.lied = func(kind, arrived string) { told = append(told, kind+" "+arrived) }
			heads := &frameHeads{watch: w}
			for i := range byte(50) {
				heads.take(timed(frameOf(0, test.types[0], 100), 50)[i])
				heads.take(timed(frameOf(2, test.types[1], 100), 50)[i])
				time.Sleep(40 * time.Millisecond)
			}
			if test.told != (len(told) == 1) || len(told) > 1 {
				t.Errorf("%s: %q", name, told)
			}
		})
	}
}
