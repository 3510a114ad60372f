package codec

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec/opus"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

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
