package packetize

import (
	"bytes"
	"slices"
	"testing"

	"github.com/pion/rtp/codecs"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/scalability/scalabilitytest"
)

// TestVP9DescriptorsTellLayers reads what is written by pion's reader, as a server
// that finds frames by their picture and layer does.
func TestVP9DescriptorsTellLayers(t *testing.T) {
	for _, name := range scalabilitytest.Modes[1:] {
		t.Run(name, func(t *testing.T) {
			p := newVP9Payloader()
			p.pictureID = 0x7fff - 5
			pictures := scalabilitytest.Pictures(t, name, 20, map[int]bool{0: true, 9: true}, scalabilitytest.Never)
			// ids are of the pictures of the frames so far, spatial their layers.
			var ids []uint16
			var spatial []uint8
			for i, picture := range pictures {
				payloads := p.payload(media.MaxPayload, picture)
				for s, layer := range picture.Layers {
					var joined []byte
					for end, first := false, true; !end; first = false {
						if len(payloads) == 0 {
							t.Fatalf("picture %d: layer %d does not end", i, s)
						}
						packet := codecs.VP9Packet{}
						data, err := packet.Unmarshal(payloads[0])
						if err != nil {
							t.Fatal(err)
						}
						if len(payloads[0]) > media.MaxPayload {
							t.Errorf("a payload of %d bytes", len(payloads[0]))
						}
						payloads, joined, end = payloads[1:], append(joined, data...), packet.E
						checkVP9Packet(t, &packet, picture, s, first)
						if want := (0x7fff - 5 + 1 + uint16(i)) & 0x7fff; packet.PictureID&0x7fff != want {
							t.Errorf("picture %d has id %d, want %d", i, packet.PictureID, want)
						}
						if !first {
							continue
						}
						ids, spatial = append(ids, packet.PictureID), append(spatial, packet.SID)
						checkVP9References(t, &packet, layer.References, ids, spatial)
					}
					if !bytes.Equal(joined, layer.Data) {
						t.Errorf("picture %d: layer %d of %d bytes came back as %d others", i, s, len(layer.Data), len(joined))
					}
				}
				if len(payloads) != 0 {
					t.Errorf("picture %d: %d payloads too many", i, len(payloads))
				}
			}
		})
	}
}

func checkVP9Packet(t *testing.T, packet *codecs.VP9Packet, picture *media.EncodedFrame, s int, first bool) {
	t.Helper()
	layer := picture.Layers[s]
	if !packet.I || !packet.L || !packet.F || packet.B != first || packet.SID != layer.Spatial || packet.TID != layer.Temporal {
		t.Errorf("descriptor %+v of %+v", packet, layer)
	}
	if packet.U != (layer.Sync || layer.Temporal == 0) || packet.P == picture.Keyframe {
		t.Errorf("descriptor %+v of %+v", packet, layer)
	}
	below := s > 0 && (picture.Keyframe || !picture.Scalability.KeyOnly())
	above := s+1 < len(picture.Layers) && (picture.Keyframe || !picture.Scalability.KeyOnly())
	if packet.D != below || packet.Z == above {
		t.Errorf("layer %d: below %v, above %v: %+v", s, below, above, packet)
	}
	if packet.V != (first && s == 0 && picture.Keyframe) {
		t.Errorf("scalability structure: %v at layer %d", packet.V, s)
	}
	if !packet.V {
		return
	}
	for i, l := range picture.Layers {
		if int(packet.NS)+1 != len(picture.Layers) || int(packet.Width[i]) != l.Width || int(packet.Height[i]) != l.Height {
			t.Errorf("%d layers of %v x %v", packet.NS+1, packet.Width, packet.Height)
		}
	}
}

// checkVP9References compares with what the last of the frames refers to.
func checkVP9References(t *testing.T, packet *codecs.VP9Packet, references []int, ids []uint16, spatial []uint8) {
	t.Helper()
	var want []uint8
	for _, back := range references {
		at := len(ids) - 1 - back
		if diff := (packet.PictureID - ids[at]) & 0x7fff; diff > 0 {
			want = append(want, uint8(diff)) //nolint:gosec // a few pictures
			if spatial[at] != packet.SID {
				t.Errorf("layer %d refers to layer %d of another picture", packet.SID, spatial[at])
			}
		}
	}
	if !slices.Equal(packet.PDiff, want) {
		t.Errorf("refers %v pictures back, want %v", packet.PDiff, want)
	}
}

func TestVP9PayloadsOfNothing(t *testing.T) {
	p := newVP9Payloader()
	layered := scalabilitytest.Pictures(t, "L2T1", 1, nil, scalabilitytest.Never)[0]
	if p.payload(1140, &media.EncodedFrame{}) != nil || p.payload(4, layered) != nil {
		t.Error("payloads of an empty frame, or without room")
	}
}
