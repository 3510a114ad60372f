package codec

import "github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec/opus"

// opusEncoder takes samples in the order of FFmpeg's channels.
type opusEncoder struct {
	*opus.Encoder
	order   []int
	ordered []int16
}

func newOpusEncoder(layout opus.Layout, options opus.Options) (rawAudioEncoder, error) {
	inner, err := opus.New(layout, options)
	if err != nil {
		return nil, err
	}
	return &opusEncoder{Encoder: inner, order: vorbisOrder(len(layout.Mapping))}, nil
}

func (e *opusEncoder) Encode(samples []int16) ([]byte, error) {
	if e.order == nil {
		return e.Encoder.Encode(samples)
	}
	e.ordered = e.ordered[:0]
	for at := 0; at+len(e.order) <= len(samples); at += len(e.order) {
		for _, from := range e.order {
			e.ordered = append(e.ordered, samples[at+from])
		}
	}
	return e.Encoder.Encode(e.ordered)
}

// vorbisOrder says of each channel in Vorbis' order (RFC 7845 section 5.1.1.2), which
// multiopus has, where it is in FFmpeg's, which frames have.
func vorbisOrder(channels int) []int {
	switch channels {
	case 6:
		return []int{0, 2, 1, 4, 5, 3}
	case 8:
		return []int{0, 2, 1, 6, 7, 4, 5, 3}
	default:
		return nil
	}
}
