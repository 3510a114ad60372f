package packetize

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/pion/rtp/codecs"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

func TestVP8PayloadsJoinToTheFrame(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	p := newVP8Payloader()
	var before *codecs.VP8Packet
	for _, length := range []int{1, 99, 1136, 1137, 2272, 2273, 10_000} {
		frame := &media.EncodedFrame{Data: make([]byte, length)}
		for i := range frame.Data {
			frame.Data[i] = byte(random.Uint32())
		}
		var joined []byte
		var packet *codecs.VP8Packet
		for i, payload := range p.payload(1140, frame) {
			if len(payload) > 1140 {
				t.Fatalf("payload of %d bytes", len(payload))
			}
			packet = &codecs.VP8Packet{}
			data, err := packet.Unmarshal(payload)
			if err != nil {
				t.Fatal(err)
			}
			if start := i == 0; (packet.S == 1) != start || packet.PID != 0 || packet.I != 1 || packet.L+packet.T+packet.K != 0 {
				t.Fatalf("payload %d of %d bytes: %+v", i, length, packet)
			}
			joined = append(joined, data...)
		}
		if !bytes.Equal(joined, frame.Data) {
			t.Fatalf("a frame of %d bytes came back as %d others", length, len(joined))
		}
		if before != nil && packet.PictureID != (before.PictureID+1)&0x7fff {
			t.Errorf("picture id %d after %d", packet.PictureID, before.PictureID)
		}
		before = packet
	}
}

func TestVP8PictureIDsHave15BitsAndWrap(t *testing.T) {
	p := newVP8Payloader()
	p.pictureID = 0x7ffe
	for _, want := range []uint16{0x7fff, 0, 1} {
		payload := p.payload(1140, &media.EncodedFrame{Data: []byte{1}})[0]
		packet := &codecs.VP8Packet{}
		if _, err := packet.Unmarshal(payload); err != nil || packet.PictureID != want || len(payload) != 5 {
			t.Errorf("%d bytes, picture id %d, want %d: %v", len(payload), packet.PictureID, want, err)
		}
	}
}

func TestVP8DescriptorsTellTemporalLayers(t *testing.T) {
	p := newVP8Payloader()
	p.tl0PicIdx = 255
	for i, want := range []struct {
		keyframe bool
		layers   []media.FrameLayer
		layer    uint8
		index    uint8
		sync     bool
	}{
		{true, []media.FrameLayer{{}}, 0, 0, true},
		{false, []media.FrameLayer{{Temporal: 2, Sync: true}}, 2, 0, true},
		{false, []media.FrameLayer{{Temporal: 1, Sync: true}}, 1, 0, true},
		{false, []media.FrameLayer{{Temporal: 2}}, 2, 0, false},
		{false, []media.FrameLayer{{}}, 0, 1, false},
		{true, []media.FrameLayer{{}}, 0, 2, true},
		{false, nil, 0, 3, false},
		{true, nil, 0, 4, true},
	} {
		frame := &media.EncodedFrame{Data: make([]byte, 150), Keyframe: want.keyframe, Layers: want.layers}
		payloads := p.payload(100, frame)
		if len(payloads) != 2 {
			t.Fatalf("%d payloads", len(payloads))
		}
		for _, payload := range payloads {
			packet := &codecs.VP8Packet{}
			if _, err := packet.Unmarshal(payload); err != nil {
				t.Fatal(err)
			}
			if packet.L != 1 || packet.T != 1 || packet.TL0PICIDX != want.index || packet.TID != want.layer ||
				(packet.Y == 1) != want.sync {
				t.Errorf("picture %d: %+v, want %+v", i, packet, want)
			}
		}
	}
}

func TestVP8PayloadsOfNothing(t *testing.T) {
	p := newVP8Payloader()
	if p.payload(1140, &media.EncodedFrame{}) != nil || p.payload(4, &media.EncodedFrame{Data: []byte{1}}) != nil {
		t.Error("payloads of an empty frame, or without room")
	}
}
