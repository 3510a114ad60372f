package packetize

import (
	"slices"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/scalability"
)

// Decode target indications (AV1 RTP section A.4).
const (
	dtiNotPresent = iota
	dtiDiscardable
	dtiSwitch
	dtiRequired
)

// dependencyFrame is what the descriptor tells of a frame. A decode target is a
// spatial and a temporal layer; a chain is of a spatial layer, and holds what all of
// its decode targets need: the frames of temporal layer 0.
type dependencyFrame struct {
	spatial, temporal int
	// indications are one for each decode target, lower spatial layers first.
	indications []byte
	// references and chains count frames back, a chain's to its last frame; 0 is none.
	references, chains []int
}

func (f dependencyFrame) equals(other dependencyFrame) bool {
	return f.spatial == other.spatial && f.temporal == other.temporal &&
		slices.Equal(f.indications, other.indications) &&
		slices.Equal(f.references, other.references) && slices.Equal(f.chains, other.chains)
}

// dependencyTracker knows the frames of a stream of one mode.
type dependencyTracker struct {
	mode media.ScalabilityMode
	// number is of the last frame, and chains have those of their last ones.
	number int
	chains []int
}

func newDependencyTracker(mode media.ScalabilityMode) *dependencyTracker {
	return &dependencyTracker{mode: mode, chains: make([]int, mode.SpatialLayers())}
}

// next is the next frame, of a picture that is a key picture or not.
func (t *dependencyTracker) next(layer media.FrameLayer, key bool) dependencyFrame {
	f := dependencyFrame{spatial: int(layer.Spatial), temporal: int(layer.Temporal), references: layer.References}
	t.number++
	if key && f.spatial == 0 {
		clear(t.chains)
	}
	for spatial, last := range t.chains {
		for temporal := range t.mode.TemporalLayers() {
			f.indications = append(f.indications, t.indication(f, key, spatial, temporal))
		}
		back := 0
		if last > 0 {
			back = t.number - last
		}
		f.chains = append(f.chains, back)
		if f.temporal == 0 && t.needs(spatial, f.spatial, key) {
			t.chains[spatial] = t.number
		}
	}

	return f
}

// needs reports whether who receives a spatial layer needs frames of another.
func (t *dependencyTracker) needs(spatial, other int, key bool) bool {
	return other == spatial || other < spatial && (key || !t.mode.KeyOnly())
}

// indication is what f is to a decode target.
func (t *dependencyTracker) indication(f dependencyFrame, key bool, spatial, temporal int) byte {
	switch {
	case temporal < f.temporal || !t.needs(spatial, f.spatial, key):
		return dtiNotPresent
	case spatial > f.spatial && !key:
		return dtiRequired
	case temporal == f.temporal && temporal > 0:
		return dtiDiscardable
	default:
		return dtiSwitch
	}
}

// dependencyTemplates are the frames that a mode has, by their layers.
func dependencyTemplates(mode media.ScalabilityMode) []dependencyFrame {
	const pictures = 1 + 2*4
	var templates []dependencyFrame
	structure, tracker := scalability.New(mode), newDependencyTracker(mode)
	for i := range pictures {
		frames := structure.Next(i == 0, mode.SpatialLayers())
		structure.Coded(frames)
		for _, layer := range scalability.Layers(frames) {
			f := tracker.next(layer, i == 0)
			if !slices.ContainsFunc(templates, f.equals) {
				templates = append(templates, f)
			}
		}
	}
	slices.SortStableFunc(templates, func(a, b dependencyFrame) int {
		if a.spatial != b.spatial {
			return a.spatial - b.spatial
		}

		return a.temporal - b.temporal
	})

	return templates
}
