package source

import (
	"fmt"
	"strings"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// passFormat turns the packets of a stream into what is negotiated.
type passFormat interface {
	mimeType() string
	// unfit tells why the stream isn't what c names; "" if it is. Where force is
	// set, what decoders take although it wasn't negotiated is no reason.
	unfit(c media.Codec, force bool) string
	// convert gives the units of a packet; data is lent, the units are not.
	convert(data []byte) []passUnit
	// held is how much of the packets before waits for the next.
	held() time.Duration
	// restart forgets a unit that isn't whole, for a packet from elsewhere.
	restart()
}

// passUnit is one EncodedFrame.
type passUnit struct {
	data     []byte
	keyframe bool
	// duration is 0 where the unit doesn't tell.
	duration time.Duration
}

// passable reports whether a codec, by FFmpeg's name, may pass at all.
func passable(codec string) bool {
	switch codec {
	case "h264", "hevc", "vp8", "vp9", "av1", "opus", "pcm_mulaw", "pcm_alaw", "adpcm_g722":
		return true
	default:
		return false
	}
}

// newPassFormat tells in refusal why nothing can be passed through. first is the
// stream's first packet, nil if it was not looked at.
func newPassFormat(stream *av.Stream, first []byte) (format passFormat, refusal string) {
	switch stream.Codec {
	case "h264":
		return newH264Format(stream.Extradata(), first)
	case "hevc":
		return newH265Format(stream.Extradata(), first)
	case "vp8":
		return vp8Format{}, ""
	case "vp9":
		return newVP9Format(first)
	case "av1":
		return newAV1Format(stream.Extradata(), first)
	case "opus":
		return newOpusFormat(stream.Extradata(), stream.Channels)
	case "pcm_mulaw":
		return newOctetFormat(codec.MimePCMU, 8000, stream)
	case "pcm_alaw":
		return newOctetFormat(codec.MimePCMA, 8000, stream)
	case "adpcm_g722":
		return newOctetFormat(codec.MimeG722, 16000, stream)
	default:
		return nil, fmt.Sprintf("its %v is coded as %s, which is never negotiated", stream.Kind, strings.ToUpper(stream.Codec))
	}
}

// fmtp gives the parameters of a codec, their names in lower case.
func fmtp(c media.Codec) map[string]string {
	parameters := make(map[string]string)
	for part := range strings.SplitSeq(c.Parameters, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		parameters[strings.ToLower(name)] = value
	}
	return parameters
}
