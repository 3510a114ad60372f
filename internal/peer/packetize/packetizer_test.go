package packetize

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

func h264Codec(mode string) media.Codec {
	return media.Codec{
		MimeType: "video/H264", ClockRate: 90000,
		Parameters: "profile-level-id=42e01f;packetization-mode=" + mode,
	}
}

// nal is a NAL unit of Annex B with its start code.
func nal(header byte, size int) []byte {
	return append([]byte{0, 0, 0, 1, header}, bytes.Repeat([]byte{0xab}, size-1)...)
}

func packetsOfFrame(t *testing.T, codec media.Codec, data []byte) [][]byte {
	t.Helper()
	p, err := New(codec)
	if err != nil {
		t.Fatal(err)
	}
	packets, _ := p.Packetize(&media.EncodedFrame{Data: data, Keyframe: true}, time.Now())
	var payloads [][]byte
	for _, packet := range packets {
		payloads = append(payloads, packet.Payload)
	}

	return payloads
}

func TestAllParameterSetsAreSent(t *testing.T) {
	frame := bytes.Join([][]byte{nal(0x67, 20), nal(0x68, 5), nal(0x68, 6), nal(0x65, 3000)}, nil)
	payloads := packetsOfFrame(t, h264Codec("1"), frame)
	var types []byte
	for _, payload := range payloads {
		types = append(types, payload[0]&31)
	}
	if want := []byte{7, 8, 8, 28, 28, 28}; !bytes.Equal(types, want) {
		t.Errorf("packets of types %v, want %v", types, want)
	}
}

func TestPacketizationMode0SendsWholeUnitsOrNothing(t *testing.T) {
	codec := h264Codec("0")
	frame := bytes.Join([][]byte{nal(0x67, 20), nal(0x68, 5), nal(0x65, media.MaxPayload), nal(0x65, 700)}, nil)
	payloads := packetsOfFrame(t, codec, frame)
	var sent []byte
	for _, payload := range payloads {
		sent = append(append(sent, 0, 0, 0, 1), payload...)
	}
	if !bytes.Equal(sent, frame) {
		t.Errorf("%d packets do not hold the units", len(payloads))
	}
	if payloads := packetsOfFrame(t, codec, nal(0x65, media.MaxPayload+1)); payloads != nil {
		t.Errorf("a unit that does not fit gives %d packets", len(payloads))
	}
}

func TestAVP9FrameThatIsShownAgainIsNoKeyframe(t *testing.T) {
	for name, frame := range map[string][]byte{
		"shown again": {0x88},
		"key":         {0x82, 0x49, 0x83, 0x42, 0x00, 0x13, 0xf0, 0x0e, 0xf0, 0x00},
	} {
		payloads := packetsOfFrame(t, media.Codec{MimeType: "video/VP9", ClockRate: 90000}, frame)
		if len(payloads) != 1 {
			t.Fatalf("%s: %d packets", name, len(payloads))
		}
		payload := payloads[0]
		if inter, structure := payload[0]&0x40 != 0, payload[0]&0x02 != 0; inter == structure || structure != (name == "key") {
			t.Errorf("%s: descriptor %08b", name, payload[0])
		}
		if !bytes.HasSuffix(payload, frame) || name != "key" && len(payload) != 3+len(frame) {
			t.Errorf("%s: payload % x", name, payload)
		}
	}
}

func FuzzPacketizer(f *testing.F) {
	codecs := []media.Codec{
		{MimeType: "video/VP8", ClockRate: 90000},
		{MimeType: "video/VP9", ClockRate: 90000},
		{MimeType: "video/AV1", ClockRate: 90000},
		h264Codec("0"), h264Codec("1"),
		{MimeType: "audio/opus", ClockRate: 48000, Channels: 2},
		{MimeType: "audio/PCMU", ClockRate: 8000, Channels: 1},
		{MimeType: "video/H265", ClockRate: 90000},
	}
	f.Add([]byte{0, 0, 0, 1, 0x40, 1, 0x0c, 0, 0, 1, 0x26, 1, 0xaf}, uint8(7), 200)
	f.Add([]byte{0x82, 0x49, 0x83, 0x42, 0, 0, 0, 0}, uint8(1), 1)
	f.Add([]byte{0, 0, 0, 1, 0x67, 1, 0, 0, 1, 0x68, 2, 0, 0, 1, 0x65, 3}, uint8(4), 300)
	f.Add([]byte{0x12, 0, 0x0a, 1, 0, 0x32, 2, 0x10, 0}, uint8(2), 200)
	f.Add([]byte{0x88}, uint8(1), 1)
	f.Fuzz(func(t *testing.T, data []byte, which uint8, repeat int) {
		p, err := New(codecs[int(which)%len(codecs)])
		if err != nil {
			t.Fatal(err)
		}
		data = bytes.Repeat(data, min(max(repeat, 0), 1000))
		for i := range 3 {
			packets, _ := p.Packetize(&media.EncodedFrame{Data: data, PTS: time.Duration(i) * time.Second}, time.Now())
			for _, packet := range packets {
				if len(packet.Payload) == 0 {
					t.Error("an empty packet")
				}
				if length := len(packet.Payload) + len(packet.Dependencies); strings.HasPrefix(codecs[int(which)%len(codecs)].MimeType, "video/") && length > media.MaxPayload {
					t.Errorf("a packet of %d bytes", length)
				}
			}
		}
	})
}

func TestFramesThatManyStreamsSendAreCutOnce(t *testing.T) {
	picture := append([]byte{0, 0, 0, 1, 0x65}, make([]byte, 3*media.MaxPayload)...)
	unit := append([]byte{0, 0, 0, 1, 0x41}, make([]byte, 100)...)
	for name, c := range map[string]struct {
		codec  media.Codec
		data   []byte
		shared bool
	}{
		"H264":                {media.Codec{MimeType: "video/H264", ClockRate: 90000, Parameters: "packetization-mode=1"}, picture, true},
		"H264 of single NALs": {media.Codec{MimeType: "video/H264", ClockRate: 90000}, unit, true},
		"H265":                {media.Codec{MimeType: "video/H265", ClockRate: 90000}, append([]byte{0, 0, 0, 1, 0x26, 1}, make([]byte, 3000)...), true},
		"opus":                {media.Codec{MimeType: "audio/opus", ClockRate: 48000}, make([]byte, 160), true},
		// Each stream has numbers of its own in its payloads.
		"VP8": {media.Codec{MimeType: "video/VP8", ClockRate: 90000}, make([]byte, 3000), false},
	} {
		frame := &media.EncodedFrame{Data: c.data, Keyframe: true, Cuts: &media.Cuts{}}
		late := *frame
		late.PTS = time.Second
		var first []Packet
		for i, one := range []*media.EncodedFrame{frame, &late, {Data: c.data, Keyframe: true}} {
			p, err := New(c.codec)
			if err != nil {
				t.Fatal(err)
			}
			packets, _ := p.Packetize(one, time.Now())
			if i == 0 {
				first = packets
			}
			if len(packets) == 0 || len(packets) != len(first) {
				t.Fatalf("%s: %d packets, %d at first", name, len(packets), len(first))
			}
			for j := range packets {
				same := &packets[j].Payload[0] == &first[j].Payload[0]
				if i == 1 && same != c.shared {
					t.Errorf("%s: packet %d of a frame that others send is the same: %v", name, j, same)
				}
				if c.shared && !bytes.Equal(packets[j].Payload, first[j].Payload) {
					t.Errorf("%s: packet %d differs", name, j)
				}
			}
		}
	}
}

// One picture goes out whole in a way of cutting, and not at all in another.
func TestStreamsThatCutAFrameDifferentlyShareNothing(t *testing.T) {
	frame := &media.EncodedFrame{
		Data: append([]byte{0, 0, 0, 1, 0x65}, make([]byte, 3*media.MaxPayload)...), Keyframe: true, Cuts: &media.Cuts{},
	}
	for _, c := range []struct {
		parameters string
		packets    int
	}{{"", 0}, {"packetization-mode=1", 4}, {"packetization-mode=0", 0}} {
		p, err := New(media.Codec{MimeType: "video/H264", ClockRate: 90000, Parameters: c.parameters})
		if err != nil {
			t.Fatal(err)
		}
		if packets, _ := p.Packetize(frame, time.Now()); len(packets) != c.packets {
			t.Errorf("%q: %d packets, want %d", c.parameters, len(packets), c.packets)
		}
	}
}
