package recorder

import (
	"testing"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

func FuzzDescribe(f *testing.F) {
	f.Add([]byte{0x10, 0, 0, 0x9d, 1, 0x2a, 64, 1, 240, 0}, uint8(0))
	f.Add([]byte{0, 0, 0, 1, 0x67, 0x42, 0, 0x29, 0, 0, 0, 1, 0x68, 0xce}, uint8(2))
	f.Add([]byte{0x12, 0, 0x0a, 2, 0, 0}, uint8(4))
	mimeTypes := []string{codec.MimeVP8, codec.MimeVP9, codec.MimeH264, codec.MimeH265, codec.MimeAV1}
	f.Fuzz(func(t *testing.T, frame []byte, which uint8) {
		stream, ok := describe(media.Codec{MimeType: mimeTypes[int(which)%len(mimeTypes)]}, frame)
		if ok && (stream.Width <= 0 || stream.Height <= 0) {
			t.Errorf("a picture of %dx%d", stream.Width, stream.Height)
		}
	})
}
