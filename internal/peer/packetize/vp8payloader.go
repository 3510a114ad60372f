package packetize

import (
	"encoding/binary"

	"github.com/pion/randutil"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// Bits of the VP8 payload descriptor (RFC 7741 section 4.2).
const (
	vp8Extended  = 0x80
	vp8Start     = 0x10
	vp8PictureID = 0x80
	vp8TL0PICIDX = 0x40
	vp8TID       = 0x20
	vp8LongID    = 0x8000
	vp8LayerSync = 0x20
	vp8TIDShift  = 6
)

// vp8Payloader writes picture ids of 15 bits and temporal layers, by which a
// server tells frames and layers apart. pion's has ids of 7 bits at first, none
// in the first frame, and no layers.
type vp8Payloader struct {
	pictureID uint16
	// tl0PicIdx counts the pictures of layer 0.
	tl0PicIdx uint8
	// layered stays: pictures between, of an encoder without layers, are of layer 0.
	layered bool
}

func newVP8Payloader() *vp8Payloader {
	random := randutil.NewMathRandomGenerator().Uint32()

	return &vp8Payloader{
		pictureID: uint16(random) & 0x7fff, //nolint:gosec // any 15 bits
		tl0PicIdx: uint8(random >> 24),     //nolint:gosec // any 8 bits
	}
}

// payload cuts a frame into payloads of at most size bytes.
func (p *vp8Payloader) payload(size int, frame *media.EncodedFrame) [][]byte {
	descriptor := p.descriptor(frame.Layers, frame.Keyframe)
	room := size - len(descriptor)
	if room <= 0 || len(frame.Data) == 0 {
		return nil
	}
	rest := frame.Data
	payloads := make([][]byte, 0, (len(rest)+room-1)/room)
	for len(rest) > 0 {
		n := min(room, len(rest))
		one := make([]byte, 0, len(descriptor)+n)
		one = append(append(one, descriptor...), rest[:n]...)
		if len(payloads) == 0 {
			one[0] |= vp8Start
		}
		payloads = append(payloads, one)
		rest = rest[n:]
	}

	return payloads
}

// descriptor of the packets of one frame, but for the start bit.
func (p *vp8Payloader) descriptor(layers []media.FrameLayer, keyframe bool) []byte {
	p.pictureID = (p.pictureID + 1) & 0x7fff
	descriptor := []byte{vp8Extended, vp8PictureID, 0, 0}
	binary.BigEndian.PutUint16(descriptor[2:], vp8LongID|p.pictureID)
	p.layered = p.layered || layers != nil
	if !p.layered {
		return descriptor
	}
	var layer media.FrameLayer
	if layers != nil {
		layer = layers[0]
	}
	if layer.Temporal == 0 {
		p.tl0PicIdx++
	}
	descriptor[1] |= vp8TL0PICIDX | vp8TID
	tid := layer.Temporal << vp8TIDShift
	// A keyframe refers to nothing: without the bit mediasoup 3.27 drops it, and what is of its TL0PICIDX.
	if layer.Sync || keyframe {
		tid |= vp8LayerSync
	}

	return append(descriptor, p.tl0PicIdx, tid)
}
