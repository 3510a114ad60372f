package rtpwire

import (
	"bytes"
	"testing"

	"github.com/pion/rtp"
)

// What is a packet for pion is one here, of the same parts.
func FuzzHeader(f *testing.F) {
	f.Add([]byte{0x90, 97, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 0xbe, 0xde, 0, 1, 0x31, 1, 2, 0, 9}, uint8(3))
	f.Add([]byte{0xb2, 97, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 0x10, 0, 0, 1, 3, 2, 1, 2, 9, 9, 2}, uint8(3))
	f.Fuzz(func(t *testing.T, packet []byte, id uint8) {
		header, payload, ok := Sizes(packet)
		if ok && (header < 12 || header+payload > len(packet)) {
			t.Fatalf("a header of %d and a payload of %d bytes of %d", header, payload, len(packet))
		}
		var value []byte
		if ok {
			value = Extension(packet, id)
		}
		read := rtp.Packet{}
		if read.Unmarshal(packet) != nil || id == 0 || packet[0]>>6 != 2 {
			return
		}
		if size, err := (&rtp.Header{}).Unmarshal(packet); err != nil || !ok || header != size || payload != len(read.Payload) {
			t.Fatalf("a header of %d and a payload of %d bytes, %v, of %d in %v", header, payload, ok, len(packet), read)
		}
		if profile := read.ExtensionProfile; profile != rtp.ExtensionProfileOneByte && profile != rtp.ExtensionProfileTwoByte {
			return
		}
		if id < 15 && !bytes.Equal(value, read.GetExtension(id)) {
			t.Errorf("extension %d is % x, not % x", id, value, read.GetExtension(id))
		}
	})
}

// A time of NTP is read as it was written.
func FuzzNTP(f *testing.F) {
	f.Add(uint64(0xeaf0_0000_8000_0000))
	f.Fuzz(func(t *testing.T, ntp uint64) {
		at := TimeOfNTP(ntp)
		// Nanoseconds are coarser.
		if again := NTPTime(at); ntp-again > 8 && again-ntp > 8 {
			t.Errorf("%x became %x", ntp, again)
		}
	})
}
