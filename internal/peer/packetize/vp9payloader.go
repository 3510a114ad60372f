package packetize

import (
	"encoding/binary"

	"github.com/pion/randutil"
	"github.com/pion/rtp/codecs/vp9"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/rtpwire"
)

// Bits of the VP9 payload descriptor (RFC 9628 section 4.2).
const (
	vp9PictureID    = 0x80
	vp9InterPicture = 0x40
	vp9Layers       = 0x20
	vp9Flexible     = 0x10
	vp9Begin        = 0x08
	vp9End          = 0x04
	vp9Structure    = 0x02
	vp9NotForUpper  = 0x01

	vp9LongID   = 0x8000
	vp9TIDShift = 5
	vp9SwitchUp = 0x10
	vp9SIDShift = 1
	vp9Below    = 0x01
	// vp9MoreReferences follows a reference that is not the last.
	vp9MoreReferences = 0x01
	vp9NSShift        = 5
	vp9Resolutions    = 0x10
)

const (
	// vp9History is how many frames back references may go, and vp9MostReferences
	// and vp9MostDiff what the descriptor has room for.
	vp9History        = 64
	vp9MostReferences = 3
	vp9MostDiff       = 127
)

// vp9Payloader tells layers in the flexible mode, which names what pictures refer
// to. Pictures without layers have a picture id only. pion's payloader knows no
// layers, and takes frames that show a picture again for keyframes.
type vp9Payloader struct {
	pictureID uint16
	// frames counts those of all layers; pictures has the id of each.
	frames   int
	pictures [vp9History]uint16
}

func newVP9Payloader() *vp9Payloader {
	random := randutil.NewMathRandomGenerator().Uint32()

	return &vp9Payloader{pictureID: uint16(random) & 0x7fff} //nolint:gosec // any 15 bits
}

// payload cuts a picture into payloads of at most size bytes.
func (p *vp9Payloader) payload(size int, frame *media.EncodedFrame) [][]byte {
	p.pictureID = (p.pictureID + 1) & 0x7fff
	if frame.Layers == nil {
		return split(size, p.plainDescriptor(frame), frame.Data)
	}
	var payloads [][]byte
	for i := range frame.Layers {
		payloads = append(payloads, split(size, p.layerDescriptor(frame, i), frame.Layers[i].Data)...)
	}

	return payloads
}

// split puts a descriptor before each part of data, which begins and ends a frame.
// Only the first tells the scalability structure.
func split(size int, d vp9Descriptor, data []byte) [][]byte {
	var payloads [][]byte
	for len(data) > 0 {
		room := size - len(d.fixed) - len(d.structure)
		if room <= 0 {
			return nil
		}
		n := min(room, len(data))
		one := make([]byte, 0, len(d.fixed)+len(d.structure)+n)
		one = append(append(append(one, d.fixed...), d.structure...), data[:n]...)
		if len(d.structure) > 0 {
			one[0] |= vp9Structure
		}
		payloads = append(payloads, one)
		data, d.structure = data[n:], nil
	}
	if len(payloads) > 0 {
		payloads[0][0] |= vp9Begin
		payloads[len(payloads)-1][0] |= vp9End
	}

	return payloads
}

// vp9Descriptor is of the packets of a frame, but for where it begins and ends.
type vp9Descriptor struct{ fixed, structure []byte }

func (p *vp9Payloader) start(flags byte) vp9Descriptor {
	return vp9Descriptor{fixed: binary.BigEndian.AppendUint16([]byte{vp9PictureID | flags}, vp9LongID|p.pictureID)}
}

// plainDescriptor is of a picture without layers.
func (p *vp9Payloader) plainDescriptor(frame *media.EncodedFrame) vp9Descriptor {
	if len(frame.Data) == 0 || !rtpwire.IsVP9Keyframe(frame.Data) {
		return p.start(vp9InterPicture)
	}
	d := p.start(0)
	var header vp9.Header
	if header.Unmarshal(frame.Data) == nil && header.Width() > 0 {
		d.structure = vp9ScalabilityStructure([]media.FrameLayer{
			{Width: int(header.Width()), Height: int(header.Height())},
		})
	}

	return d
}

// layerDescriptor is of one spatial layer of a picture.
func (p *vp9Payloader) layerDescriptor(frame *media.EncodedFrame, at int) vp9Descriptor {
	layer := &frame.Layers[at]
	p.frames++
	p.pictures[p.frames%vp9History] = p.pictureID
	flags := byte(vp9Layers | vp9Flexible)
	indices := layer.Temporal<<vp9TIDShift | layer.Spatial<<vp9SIDShift
	// Above layer 0, servers begin to forward a layer at such a picture.
	if layer.Sync || layer.Temporal == 0 {
		indices |= vp9SwitchUp
	}
	var references []byte
	for _, back := range layer.References {
		if back <= at {
			indices |= vp9Below

			continue
		}
		diff := (p.pictureID - p.pictures[(p.frames-min(back, vp9History-1))%vp9History]) & 0x7fff
		if len(references) < vp9MostReferences {
			references = append(references, byte(min(diff, vp9MostDiff))<<1|vp9MoreReferences) //nolint:gosec // 7 bits
		}
	}
	if len(references) > 0 {
		flags |= vp9InterPicture
		references[len(references)-1] &^= vp9MoreReferences
	}
	if at+1 == len(frame.Layers) || !refersTo(frame.Layers[at+1], 1) {
		flags |= vp9NotForUpper
	}
	d := p.start(flags)
	d.fixed = append(append(d.fixed, indices), references...)
	if frame.Keyframe && at == 0 {
		d.structure = vp9ScalabilityStructure(frame.Layers)
	}

	return d
}

func refersTo(layer media.FrameLayer, back int) bool {
	for _, reference := range layer.References {
		if reference == back {
			return true
		}
	}

	return false
}

// vp9ScalabilityStructure tells the sizes of spatial layers (RFC 9628 section 4.2.1).
func vp9ScalabilityStructure(layers []media.FrameLayer) []byte {
	structure := []byte{byte(len(layers)-1)<<vp9NSShift | vp9Resolutions} //nolint:gosec // at most 3
	for _, layer := range layers {
		structure = binary.BigEndian.AppendUint16(structure, uint16(layer.Width))  //nolint:gosec // VP9 has 16 bits
		structure = binary.BigEndian.AppendUint16(structure, uint16(layer.Height)) //nolint:gosec // VP9 has 16 bits
	}

	return structure
}
