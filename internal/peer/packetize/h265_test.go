package packetize_test

import (
	"bytes"
	"testing"

	"github.com/pion/rtp/codecs"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/packetize/packetizetest"
)

var h265Codec = media.Codec{MimeType: "video/H265", ClockRate: 90000, Parameters: "level-id=93;profile-id=1;tier-flag=0;tx-mode=SRST"}

// h265Of puts the units of payloads together as RFC 7798 section 4.4 describes them.
func h265Of(t *testing.T, payloads [][]byte) (units [][]byte) {
	t.Helper()
	var fragments []byte
	for i, p := range payloads {
		if len(p) > media.MaxPayload {
			t.Errorf("packet %d has %d bytes", i, len(p))
		}
		switch kind := p[0] >> 1 & 0x3f; kind {
		case 48: // aggregation packet
			for rest := p[2:]; len(rest) > 0; {
				size := int(rest[0])<<8 | int(rest[1])
				units = append(units, rest[2:2+size])
				rest = rest[2+size:]
			}
		case 49: // fragmentation unit
			start, end := p[2]&0x80 != 0, p[2]&0x40 != 0
			if start == (fragments != nil) || start && end {
				t.Errorf("packet %d: start %v, end %v", i, start, end)
			}
			if start {
				fragments = []byte{p[0]&0x81 | p[2]&0x3f<<1, p[1]}
			}
			fragments = append(fragments, p[3:]...)
			if end {
				units, fragments = append(units, fragments), nil
			}
		default:
			if fragments != nil {
				t.Errorf("packet %d is between fragments", i)
			}
			units = append(units, p)
		}
	}
	if fragments != nil {
		t.Error("the last fragment has no end")
	}

	return units
}

func payloadsOf(t *testing.T, frame []byte) [][]byte {
	t.Helper()
	var payloads [][]byte
	for _, packet := range packetizetest.Packets(t, h265Codec, []*media.EncodedFrame{{Data: frame, Keyframe: true}}, 0) {
		payloads = append(payloads, packet.Payload)
	}

	return payloads
}

func TestH265IsCutAsRFC7798Says(t *testing.T) {
	sets := bytes.Join([][]byte{packetizetest.H265Unit(32, 24), packetizetest.H265Unit(33, 41), packetizetest.H265Unit(34, 7)}, nil)
	for name, frame := range map[string][]byte{
		"a keyframe":            append(bytes.Clone(sets), packetizetest.H265Unit(19, 5000)...),
		"a CRA picture":         append(bytes.Clone(sets), packetizetest.H265Unit(21, 700)...),
		"one that just fits":    packetizetest.H265Unit(1, media.MaxPayload),
		"one that just doesn't": packetizetest.H265Unit(1, media.MaxPayload+1),
		"slices":                bytes.Join([][]byte{packetizetest.H265Unit(1, 300), packetizetest.H265Unit(1, 301), packetizetest.H265Unit(1, 2500), packetizetest.H265Unit(1, 302)}, nil),
		"long parameter sets":   bytes.Join([][]byte{packetizetest.H265Unit(32, 24), packetizetest.H265Unit(33, 3000), packetizetest.H265Unit(34, 1139), packetizetest.H265Unit(20, 9)}, nil),
		"the smallest":          packetizetest.H265Unit(1, 3),
	} {
		payloads := payloadsOf(t, frame)
		var whole []byte
		for _, unit := range h265Of(t, payloads) {
			whole = append(append(whole, 0, 0, 0, 1), unit...)
		}
		if !bytes.Equal(whole, frame) {
			t.Errorf("%s: %d packets hold %d bytes of %d", name, len(payloads), len(whole), len(frame))
		}
		// pion's own reader, which the receiving side has.
		depacketizer := &codecs.H265Depacketizer{}
		whole = nil
		for _, payload := range payloads {
			part, err := depacketizer.Unmarshal(payload)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			whole = append(whole, part...)
		}
		if !bytes.Equal(whole, frame) {
			t.Errorf("%s: it is read as %d bytes of %d", name, len(whole), len(frame))
		}
	}
}

func TestSmallUnitsOfH265ShareAPacket(t *testing.T) {
	frame := bytes.Join([][]byte{packetizetest.H265Unit(32, 24), packetizetest.H265Unit(33, 41), packetizetest.H265Unit(34, 7), packetizetest.H265Unit(19, 300)}, nil)
	if payloads := payloadsOf(t, frame); len(payloads) != 1 || payloads[0][0]>>1 != 48 {
		t.Errorf("%d packets, the first of type %d", len(payloads), payloads[0][0]>>1)
	}
}
