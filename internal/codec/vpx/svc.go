package vpx

// #include "bridge.h"
import "C"

import (
	"errors"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/scalability"
)

// smallestLayer is the least side of a spatial layer, in pixels.
const smallestLayer = 16

var errLayers = errors.New("libvpx gave other layers than it was told to")

// svc is what an encoder of VP9 with layers does beside encoding: it says what
// pictures refer to, and which spatial layers the bitrate carries.
type svc struct {
	mode      media.ScalabilityMode
	structure *scalability.Structure
	size      scalability.Size
	// spatial layers there are, of which those are coded that have a rate.
	spatial int
	rates   [][]int
}

func newSVC(o Options) *svc {
	size := scalability.Size{Width: o.Width, Height: o.Height}
	s := &svc{
		mode: o.Scalability, structure: scalability.New(o.Scalability), size: size,
		spatial: scalability.SpatialLayers(o.Scalability, size, smallestLayer),
	}
	s.share(o.Bitrate)
	return s
}

func (s *svc) describe(options *C.mscp_vpx_options) {
	options.spatial_layers = C.int(s.spatial)
	for i := range s.spatial {
		down := s.spatial - 1 - i
		options.layer_speed[i] = C.int(speed(true, s.size.Width>>down, s.size.Height>>down))
	}
	options.layer_kbps = s.kilobits()
}

// share works out which layers a bitrate carries.
func (s *svc) share(bitrate int) [C.MSCP_VPX_LAYERS]C.uint {
	s.rates = scalability.Rates(s.mode, s.spatial, s.size, bitrate, len(s.rates))
	return s.kilobits()
}

// kilobits are the rates as libvpx takes them.
func (s *svc) kilobits() (layers [C.MSCP_VPX_LAYERS]C.uint) {
	i := 0
	for _, spatial := range s.rates {
		for _, rate := range spatial {
			layers[i] = C.uint(kilobits(rate))
			i++
		}
	}
	return layers
}

// next tells picture what it is.
func (s *svc) next(key bool, picture *C.mscp_vpx_picture) []scalability.Frame {
	frames := s.structure.Next(key, len(s.rates))
	picture.temporal_layer = C.int(frames[0].Temporal)
	picture.layers = C.int(len(frames))
	for i, f := range frames {
		picture.layer[i] = C.mscp_vpx_layer{
			before: C.int(f.Before), below: C.int(f.Below), updates: C.int(f.Updates),
		}
	}
	return frames
}

// split finds the layers in what was coded. One by itself needs no superframe.
func (s *svc) split(data []byte, frames []scalability.Frame, packet *C.mscp_vpx_packet) ([]byte, []media.FrameLayer, error) {
	sizes := superframeSizes(data)
	if sizes == nil {
		sizes = []int{len(data)}
	}
	if len(sizes) != len(frames) {
		return nil, nil, errLayers
	}
	s.structure.Coded(frames)
	if len(sizes) == 1 {
		data = data[:sizes[0]]
	}
	layers := scalability.Layers(frames)
	from := 0
	for i := range layers {
		layers[i].Data = data[from : from+sizes[i] : from+sizes[i]]
		layers[i].Width, layers[i].Height = int(packet.layer_width[i]), int(packet.layer_height[i])
		from += sizes[i]
	}
	return data, layers, nil
}

// superframeSizes reads the index at the end of a superframe (VP9 bitstream
// specification, Annex B); nil where there is none.
func superframeSizes(data []byte) []int {
	marker := data[len(data)-1]
	if marker>>5 != 6 {
		return nil
	}
	count, bytes := int(marker&7)+1, int(marker>>3&3)+1
	index := len(data) - 2 - count*bytes
	if index < 0 || data[index] != marker {
		return nil
	}
	sizes, sum := make([]int, count), 0
	for i := range sizes {
		for j := range bytes {
			sizes[i] |= int(data[index+1+i*bytes+j]) << (8 * j)
		}
		sum += sizes[i]
	}
	if sum > index {
		return nil
	}
	return sizes
}
