package jitter

import (
	"bytes"
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/packetize"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/scalability/scalabilitytest"
)

func TestSpatialLayersOfVP9AreJoinedToASuperframe(t *testing.T) {
	for _, name := range []string{"L1T2", "L2T1", "L3T3", "L3T2_KEY"} {
		pictures := scalabilitytest.Pictures(t, name, 6, nil, scalabilitytest.Never)
		p, err := packetize.New(media.Codec{MimeType: "video/VP9", ClockRate: 90000})
		if err != nil {
			t.Fatal(err)
		}
		s := &vp9Superframe{}
		for i, picture := range pictures {
			var frame []byte
			packets, _ := p.Packetize(picture, time.Now())
			for _, packet := range packets {
				data, err := s.unpack(packet.Payload)
				if err != nil {
					t.Fatal(err)
				}
				frame = append(frame, data...)
			}
			if !bytes.Equal(frame, picture.Data) {
				t.Fatalf("%s: picture %d is not whole", name, i)
			}
			index := s.index(frame)
			if len(picture.Layers) == 1 {
				if index != nil {
					t.Errorf("%s: a superframe of one layer", name)
				}
				continue
			}
			if len(index) != 2+4*len(picture.Layers) || index[0] != index[len(index)-1] || int(index[0]) != 0xd8|(len(picture.Layers)-1) {
				t.Fatalf("%s: index % x", name, index)
			}
			for l, layer := range picture.Layers {
				if size := int(index[1+4*l]) | int(index[2+4*l])<<8; size != len(layer.Data) {
					t.Errorf("%s: layer %d has %d bytes, want %d", name, l, size, len(layer.Data))
				}
			}
			if s.index(frame[1:]) != nil {
				t.Errorf("%s: an index of other data", name)
			}
		}
	}
}
