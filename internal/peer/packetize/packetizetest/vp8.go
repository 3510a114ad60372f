package packetizetest

import (
	"bytes"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// VP8Frames are frames of VP8: bit 0 of the first byte is 0 in a keyframe (RFC 6386 9.1).
func VP8Frames(count, size int) []*media.EncodedFrame {
	frames := make([]*media.EncodedFrame, count)
	for i := range frames {
		data := bytes.Repeat([]byte{byte(i)}, size+i*37)
		data[0] = byte(min(i%30, 1))
		frames[i] = &media.EncodedFrame{
			Data: data, PTS: time.Duration(i) * time.Second / 30, Keyframe: i%30 == 0,
		}
	}

	return frames
}
