package detour

import (
	"bytes"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// picture puts the spatial layers of a picture together again, which the app got one by one.
type picture struct {
	stream   int
	original *media.EncodedFrame
	layers   [][]byte
}

// add takes what came back of a part, and adds what can be delivered to back: the last layer of a picture completes it,
// and so does a part of another one, where the app dropped the layers above.
func (p *picture) add(back []delivery, one part, data []byte) []delivery {
	if p.original != nil && p.original != one.original {
		back = p.flush(back)
	}
	if len(one.original.Layers) <= 1 {
		return append(back, delivery{one.stream, changed(one.original, data)})
	}
	if one.layer != len(p.layers) {
		// What it is predicted from was dropped.
		return back
	}
	p.stream, p.original = one.stream, one.original
	p.layers = append(p.layers, data)
	if len(p.layers) == len(one.original.Layers) {
		back = p.flush(back)
	}

	return back
}

func (p *picture) flush(back []delivery) []delivery {
	frame := *p.original
	frame.Cuts = nil
	frame.Data = bytes.Join(p.layers, nil)
	frame.Layers = append([]media.FrameLayer(nil), frame.Layers[:len(p.layers)]...)
	for i, data := range p.layers {
		frame.Layers[i].Data = data
	}
	back = append(back, delivery{p.stream, &frame})
	*p = picture{}

	return back
}

// changed is a frame with other data.
func changed(original *media.EncodedFrame, data []byte) *media.EncodedFrame {
	if bytes.Equal(original.Data, data) {
		return original
	}
	frame := *original
	frame.Data, frame.Cuts = data, nil
	if len(frame.Layers) == 1 {
		layer := frame.Layers[0]
		layer.Data = data
		frame.Layers = []media.FrameLayer{layer}
	}

	return &frame
}
