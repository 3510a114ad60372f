// Package format knows what of a coded stream can be sent as it is: it turns the
// packets of containers into what RTP carries, and tells whether that is what
// was negotiated. What it reads may be hostile.
package format

import (
	"fmt"
	"strings"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// Format turns the packets of a stream into what is negotiated.
type Format interface {
	MimeType() string
	// Unfit tells why the stream isn't what c names; "" if it is. Where force is
	// set, what decoders take although it wasn't negotiated is no reason.
	Unfit(c media.Codec, force bool) string
	// Convert gives the units of a packet; data is lent, the units are not.
	Convert(data []byte) []Unit
	// Held is how much of the packets before waits for the next.
	Held() time.Duration
	// Restart forgets a unit that isn't whole, for a packet from elsewhere.
	Restart()
}

// Unit is one EncodedFrame.
type Unit struct {
	Data     []byte
	Keyframe bool
	// Duration is 0 where the unit doesn't tell.
	Duration time.Duration
}

// unfitInterlaced is why what is made of fields does not pass by itself.
const unfitInterlaced = "its pictures are interlaced"

// Known reports whether a codec, by FFmpeg's name, may pass at all.
func Known(codec string) bool {
	switch codec {
	case "h264", "hevc", "vp8", "vp9", "av1", "opus", "pcm_mulaw", "pcm_alaw", "adpcm_g722":
		return true
	default:
		return false
	}
}

// New tells in refusal why nothing can be passed through. first is the
// stream's first packet, nil if it was not looked at.
func New(stream *av.Stream, first []byte) (format Format, refusal string) {
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

// Profile names the profile and the level that a stream of H264 or H265 says it
// is of; "" where it doesn't, and of other codecs. codec is FFmpeg's name.
func Profile(codec string, extradata, first []byte) string {
	switch codec {
	case "h264":
		if sps, err := parseSPS(readH264(extradata, first).sets.first(nalSPS)); err == nil {
			return fmt.Sprintf("%s, level %s", sps.profileName(), sps.levelName())
		}
	case "hevc":
		if sps, err := parseH265SPS(readH265(extradata, first).sets.first(h265SPSType)); err == nil {
			return fmt.Sprintf("%s, level %s", sps.profileName(), h265LevelName(sps.level))
		}
	}
	return ""
}

// Parameters gives the parameters of a codec, their names in lower case.
func Parameters(c media.Codec) map[string]string {
	parameters := make(map[string]string)
	for part := range strings.SplitSeq(c.Parameters, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		parameters[strings.ToLower(name)] = value
	}
	return parameters
}
