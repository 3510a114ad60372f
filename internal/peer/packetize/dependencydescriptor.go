package packetize

import (
	"math/bits"
	"slices"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// dependencyTemplateIDs are how many there are.
const dependencyTemplateIDs = 64

// dependencyWriter writes the dependency descriptor header extension, by which a
// server finds keyframes and layers without a look into the payload.
//
// https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension
type dependencyWriter struct {
	// layeredOnly leaves streams without layers alone.
	layeredOnly bool

	mode      media.ScalabilityMode
	templates []dependencyFrame
	tracker   *dependencyTracker
	// offset is the id of the first template: those of another mode have others.
	offset int
	// frame counts all frames sent.
	frame uint16
}

// wants reports whether a frame gets a descriptor.
func (w *dependencyWriter) wants(frame *media.EncodedFrame) bool {
	return frame.Layers != nil || !w.layeredOnly
}

// frameDescriptor is of the packets of one frame.
type frameDescriptor struct {
	// first is of the first packet, rest of the others, but for where the frame ends.
	first, rest []byte
}

// packet is the descriptor of one of the packets of a frame.
func (d frameDescriptor) packet(first, last bool) []byte {
	descriptor := d.rest
	if first {
		descriptor = d.first
	}
	if last {
		descriptor = slices.Clone(descriptor)
		descriptor[0] |= 1 << 6
	}

	return descriptor
}

// next describes the layer at a place of a picture.
func (w *dependencyWriter) next(picture *media.EncodedFrame, at int) frameDescriptor {
	layer, mode := dependencyLayer(picture, at), picture.Scalability
	if w.tracker == nil || w.mode != mode {
		w.offset = (w.offset + len(w.templates)) % dependencyTemplateIDs
		w.mode, w.templates = mode, dependencyTemplates(mode)
		w.tracker = newDependencyTracker(mode)
	}
	f := w.tracker.next(layer, picture.Keyframe)
	w.frame++
	template, exact := w.match(f)

	var b bitWriter
	b.put(1, 1) // start_of_frame
	b.put(0, 1) // end_of_frame
	b.put((w.offset+template)%dependencyTemplateIDs, 6)
	b.put(int(w.frame), 16)
	d := frameDescriptor{rest: slices.Clone(b.data)}
	d.rest[0] &^= 1 << 7

	structure := picture.Keyframe && at == 0
	fewer := len(picture.Layers) > 0 && len(picture.Layers) < mode.SpatialLayers()
	if exact && !structure && !fewer {
		d.first = b.data

		return d
	}
	b.flag(structure)
	b.flag(fewer)
	b.flag(false) // custom_dtis: layers have the same in all frames of a kind
	b.flag(!exact)
	b.flag(!exact)
	if structure {
		w.writeStructure(&b, picture)
	}
	if fewer {
		b.put(1<<(len(picture.Layers)*mode.TemporalLayers())-1, mode.SpatialLayers()*mode.TemporalLayers())
	}
	if !exact {
		writeReferences(&b, f.references)
		for _, back := range f.chains {
			b.put(min(back, 255), 8)
		}
	}
	d.first = b.data

	return d
}

// dependencyLayer is the part of a picture at a place; a picture without layers
// refers to the one before it.
func dependencyLayer(picture *media.EncodedFrame, at int) media.FrameLayer {
	if picture.Layers != nil {
		return picture.Layers[at]
	}
	layer := media.FrameLayer{Data: picture.Data}
	if !picture.Keyframe {
		layer.References = []int{1}
	}

	return layer
}

// match finds the template of a frame, or one that differs in what it refers to.
func (w *dependencyWriter) match(f dependencyFrame) (template int, exact bool) {
	if i := slices.IndexFunc(w.templates, f.equals); i >= 0 {
		return i, true
	}

	return max(0, slices.IndexFunc(w.templates, func(t dependencyFrame) bool {
		return t.spatial == f.spatial && t.temporal == f.temporal && slices.Equal(t.indications, f.indications)
	})), false
}

// writeStructure is template_dependency_structure().
func (w *dependencyWriter) writeStructure(b *bitWriter, picture *media.EncodedFrame) {
	const sameLayer, nextTemporal, nextSpatial, noMore = 0, 1, 2, 3
	spatial := w.mode.SpatialLayers()
	targets := spatial * w.mode.TemporalLayers()
	b.put(w.offset, 6)
	b.put(targets-1, 5)
	for i, t := range w.templates {
		switch {
		case i+1 == len(w.templates):
			b.put(noMore, 2)
		case w.templates[i+1].spatial != t.spatial:
			b.put(nextSpatial, 2)
		case w.templates[i+1].temporal != t.temporal:
			b.put(nextTemporal, 2)
		default:
			b.put(sameLayer, 2)
		}
	}
	for _, t := range w.templates {
		for _, indication := range t.indications {
			b.put(int(indication), 2)
		}
	}
	for _, t := range w.templates {
		for _, back := range t.references {
			b.flag(true)
			b.put(back-1, 4)
		}
		b.flag(false)
	}
	b.putBelow(spatial, targets+1)
	for target := range targets {
		b.putBelow(target/w.mode.TemporalLayers(), spatial)
	}
	for _, t := range w.templates {
		for _, back := range t.chains {
			b.put(back, 4)
		}
	}
	w.writeResolutions(b, picture)
}

// writeResolutions tells the sizes, where all are known.
func (w *dependencyWriter) writeResolutions(b *bitWriter, picture *media.EncodedFrame) {
	b.flag(len(picture.Layers) == w.mode.SpatialLayers())
	if len(picture.Layers) != w.mode.SpatialLayers() {
		return
	}
	for _, layer := range picture.Layers {
		b.put(layer.Width-1, 16)
		b.put(layer.Height-1, 16)
	}
}

// writeReferences is frame_fdiffs().
func writeReferences(b *bitWriter, references []int) {
	for _, back := range references {
		nibbles := (bits.Len(uint(back-1)) + 3) / 4 //nolint:gosec // counts back from 1
		nibbles = min(max(nibbles, 1), 3)
		b.put(nibbles, 2)
		b.put(min(back-1, 1<<12-1), 4*nibbles)
	}
	b.put(0, 2)
}
