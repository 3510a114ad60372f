// Package scalability is what the layers of a stream refer to, for encoders that
// are told and for headers that tell it. It knows no codec.
package scalability

import (
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// None stands for no buffer.
const None = -1

// Frame is one spatial layer of a picture. Its buffers are numbers below 8, of as
// many references as VP9 and AV1 keep.
type Frame struct {
	Spatial, Temporal int
	// Before is the buffer of the picture before that it refers to, Below the one of
	// the spatial layer below, and Updates the one that it is kept in; or None.
	Before, Below, Updates int
	// Key frames refer to nothing, KeyPicture is of all layers of a picture with one.
	Key, KeyPicture bool
	// Sync is media.FrameLayer's.
	Sync bool
	// References are media.FrameLayer's.
	References []int
}

// Structure is the state of one stream. The patterns are those that libwebrtc has
// for the same modes: 0, 0 1 and 0 2 1 2 are the temporal layers of pictures, and
// the second of layer 2 refers to the one of layer 1.
type Structure struct {
	mode     media.ScalabilityMode
	position int
	// number counts the frames of all layers, from 1 on. kept is the frame that is in
	// each buffer, 0 for none.
	number int
	kept   [8]int
	// spatial layers the last picture had.
	spatial int
}

// New begins with a key picture.
func New(mode media.ScalabilityMode) *Structure { return &Structure{mode: mode} }

// patterns of temporal layers, by their number less one.
var patterns = [...][]int{{0}, {0, 1}, {0, 2, 1, 2}}

// Next is the picture that comes now, in its lowest spatial layers: as many as that.
// With more than before it is a key picture. It comes again unless Coded is called.
func (s *Structure) Next(key bool, spatialLayers int) []Frame {
	spatialLayers = min(spatialLayers, s.mode.SpatialLayers())
	key = key || spatialLayers > s.spatial
	position := s.position
	if key {
		position = 0
	}
	pattern := patterns[s.mode.TemporalLayers()-1]
	temporal := pattern[position]
	frames := make([]Frame, 0, spatialLayers)
	kept := s.kept
	if key {
		clear(kept[:])
	}
	for spatial := range spatialLayers {
		f := Frame{
			Spatial: spatial, Temporal: temporal, Key: key && spatial == 0, KeyPicture: key,
			Before: None, Below: None, Updates: s.updates(spatial, temporal),
			// Only the last of a pattern of three refers to one that is not of the lowest layer.
			Sync: temporal > 0 && position < 3,
		}
		number := s.number + spatial + 1
		if !key {
			from := 0
			if position == 3 {
				from = 1
			}
			f.Before = s.buffer(spatial, from)
			f.References = append(f.References, number-kept[f.Before])
		}
		if spatial > 0 && (key || !s.mode.KeyOnly()) {
			f.Below = frames[spatial-1].Updates
			f.References = append(f.References, 1)
		}
		if f.Updates != None {
			kept[f.Updates] = number
		}
		frames = append(frames, f)
	}
	return frames
}

// Coded tells that frames, which Next gave, were coded, and not left out.
func (s *Structure) Coded(frames []Frame) {
	if frames[0].KeyPicture {
		s.position = 0
		clear(s.kept[:])
	}
	s.spatial = len(frames)
	for _, f := range frames {
		s.number++
		if f.Updates != None {
			s.kept[f.Updates] = s.number
		}
	}
	s.position = (s.position + 1) % len(patterns[s.mode.TemporalLayers()-1])
}

// buffer keeps the last frame of a layer.
func (s *Structure) buffer(spatial, temporal int) int {
	return temporal*s.mode.SpatialLayers() + spatial
}

// updates is where a frame is kept that others refer to.
func (s *Structure) updates(spatial, temporal int) int {
	highest := spatial == s.mode.SpatialLayers()-1 || s.mode.KeyOnly()
	if temporal > 0 && temporal == s.mode.TemporalLayers()-1 && highest {
		return None
	}
	return s.buffer(spatial, temporal)
}

// Layers describe frames, but for what the encoder made of them.
func Layers(frames []Frame) []media.FrameLayer {
	layers := make([]media.FrameLayer, len(frames))
	for i, f := range frames {
		layers[i] = media.FrameLayer{
			Spatial: uint8(f.Spatial), Temporal: uint8(f.Temporal), Sync: f.Sync, References: f.References,
		}
	}
	return layers
}
