package format

import (
	"testing"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// FuzzPassFormat takes packets and headers for what they are not.
func FuzzPassFormat(f *testing.F) {
	avcc := []byte{1, 66, 0xc0, 30, 0xff, 0xe1, 0, 5, 0x67, 66, 0xc0, 30, 0xda, 1, 0, 2, 0x68, 0xce}
	f.Add(uint8(0), avcc, []byte{0, 0, 0, 2, 0x65, 1})
	f.Add(uint8(0), []byte{0, 0, 1, 0x67, 100, 0, 31, 0xac, 0xd9, 0, 0, 1, 0x68, 1}, []byte{0, 0, 1, 0x65, 1})
	f.Add(uint8(1), []byte{0x81, 0, 0, 0, 0x0a, 1, 0}, []byte{0x12, 0, 0x32, 2, 0x10, 0})
	f.Add(uint8(2), make([]byte, 19), []byte{0xfc, 1})
	f.Add(uint8(3), []byte{}, []byte{0x82, 0x49})
	hevc := []byte{0, 0, 1, 0x40, 1, 0x0c, 1, 0, 0, 1, 0x42, 1, 1, 1, 0x60, 0, 0, 3, 0, 0x90, 0, 0, 3, 0, 0, 3, 0, 0x3c, 0xa0, 0x0a, 8, 0xf, 0x16, 0x59}
	f.Add(uint8(4), hevc, []byte{0, 0, 1, 0x44, 1, 0xc1, 0, 0, 1, 0x26, 1, 0xaf})
	f.Add(uint8(4), append(append([]byte{1}, make([]byte, 20)...), 3, 1, 0xa0, 0, 1, 0, 3, 0x40, 1, 0x0c), []byte{0, 0, 0, 2, 0x26, 1})
	f.Add(uint8(2), append(make([]byte, 9), 6, 0, 0, 0, 0, 0, 0, 0, 0, 1, 4, 2, 0, 4, 1, 2, 3, 5), []byte{0xfc, 1})
	f.Fuzz(func(t *testing.T, which uint8, extradata, packet []byte) {
		look(packet)
		var format Format
		switch which % 5 {
		case 0:
			format, _ = newH264Format(extradata, packet)
		case 1:
			format, _ = newAV1Format(extradata, packet)
		case 2:
			format, _ = newOpusFormat(extradata, 2)
		case 3:
			format, _ = newVP9Format(packet)
		default:
			format, _ = newH265Format(extradata, packet)
		}
		if format == nil {
			return
		}
		for range 2 {
			for _, unit := range format.Convert(packet) {
				if len(unit.Data) == 0 || len(unit.Data) > 2*len(packet)+2*mostParameterSets {
					t.Errorf("%d bytes of %d", len(unit.Data), len(packet))
				}
			}
		}
		format.Unfit(media.Codec{MimeType: format.MimeType(), Parameters: string(extradata)}, false)
	})
}
