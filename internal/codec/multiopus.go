package codec

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec/opus"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

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

// MultiopusLayout reads the parameters of multiopus. Channels that are not
// 4, 6 or 8 have no order that both sides know.
func MultiopusLayout(c media.Codec) (opus.Layout, error) {
	var layout opus.Layout
	refuse := func() (opus.Layout, error) {
		return opus.Layout{}, fmt.Errorf("%s of %d channels with %q: %w: 4, 6 or 8 channels are known,"+
			" with channel_mapping, num_streams and coupled_streams that agree", c.MimeType, c.Channels, c.Parameters, ErrInvalidInput)
	}
	for part := range strings.SplitSeq(c.Parameters, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		var err error
		switch strings.ToLower(name) {
		case "num_streams":
			layout.Streams, err = strconv.Atoi(value)
		case "coupled_streams":
			layout.Coupled, err = strconv.Atoi(value)
		case "channel_mapping":
			layout.Mapping = nil
			for number := range strings.SplitSeq(value, ",") {
				var one uint64
				if one, err = strconv.ParseUint(number, 10, 8); err != nil || len(layout.Mapping) == opus.MostChannels {
					return refuse()
				}
				layout.Mapping = append(layout.Mapping, byte(one))
			}
		}
		if err != nil {
			return refuse()
		}
	}
	known := c.Channels == 4 || c.Channels == 6 || c.Channels == 8
	if !known || len(layout.Mapping) != int(c.Channels) || !layout.Valid() {
		return refuse()
	}
	return layout, nil
}

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

func (m *opusEncoder) Encode(samples []int16) ([]byte, error) {
	if m.order == nil {
		return m.Encoder.Encode(samples)
	}
	m.ordered = m.ordered[:0]
	for at := 0; at+len(m.order) <= len(samples); at += len(m.order) {
		for _, from := range m.order {
			m.ordered = append(m.ordered, samples[at+from])
		}
	}
	return m.Encoder.Encode(m.ordered)
}

// opusHead is what FFmpeg's decoder knows a multistream by (RFC 7845 section 5.1). It
// gives the channels in its own order.
func opusHead(layout opus.Layout) []byte {
	head := append([]byte("OpusHead\x01"), byte(len(layout.Mapping)), 0, 0)
	head = append(head, 0x80, 0xbb, 0, 0, 0, 0, 1, byte(layout.Streams), byte(layout.Coupled))
	return append(head, layout.Mapping...)
}
