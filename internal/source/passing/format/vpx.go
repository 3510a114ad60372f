package format

import (
	"bytes"
	"fmt"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// vp8Format passes frames of VP8 as they are (RFC 6386).
type vp8Format struct{}

func (vp8Format) MimeType() string { return codec.MimeVP8 }

func (vp8Format) Unfit(media.Codec, bool) string { return "" }

func (vp8Format) Convert(data []byte) []Unit {
	if len(data) == 0 {
		return nil
	}
	return []Unit{{Data: bytes.Clone(data), Keyframe: data[0]&1 == 0}}
}

func (vp8Format) Held() time.Duration { return 0 }

func (vp8Format) Restart() {}

// vp9Format passes frames of VP9, superframes whole: the frames in them that
// are not shown have no time of their own.
type vp9Format struct {
	// seen says that the first picture, which tells the profile, was looked at.
	seen bool
}

func newVP9Format(first []byte) (Format, string) {
	if len(first) == 0 {
		return vp9Format{}, ""
	}
	if profile := vp9Profile(first[0]); profile != 0 {
		return nil, fmt.Sprintf("its VP9 is of profile %d (4:4:4 or more than 8 bit), not 0", profile)
	}
	return vp9Format{seen: true}, ""
}

func vp9Profile(header byte) int { return int(header>>5&1 | header>>4&1<<1) }

func (vp9Format) MimeType() string { return codec.MimeVP9 }

func (f vp9Format) Unfit(c media.Codec, force bool) string {
	if !f.seen && !force {
		return "the profile of its VP9 is not known before it plays"
	}
	// draft-ietf-payload-vp9: profile-id is 0 where it is not given.
	if id := Parameters(c)["profile-id"]; id != "" && id != "0" {
		return fmt.Sprintf("its VP9 is of profile 0, profile %s was negotiated", id)
	}
	return ""
}

func (vp9Format) Convert(data []byte) []Unit {
	// frame_marker, profile, show_existing_frame and frame_type (VP9 bitstream 6.2).
	if len(data) == 0 || data[0]>>6 != 2 || vp9Profile(data[0]) != 0 {
		return nil
	}
	return []Unit{{Data: bytes.Clone(data), Keyframe: data[0]&0x0c == 0}}
}

func (vp9Format) Held() time.Duration { return 0 }

func (vp9Format) Restart() {}
