package format

import (
	"bytes"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// wholeOctets passes packets of G.711 and G.722 as long as they are; it is their MIME type.
type wholeOctets string

func (f wholeOctets) MimeType() string { return string(f) }

func (wholeOctets) Unfit(media.Codec, bool) string { return "" }

func (wholeOctets) Convert(data []byte) []Unit {
	duration := time.Duration(len(data)) * time.Second / octetRate

	return []Unit{{Data: bytes.Clone(data), Keyframe: true, Duration: duration}}
}

func (wholeOctets) Held() time.Duration { return 0 }

func (wholeOctets) Restart() {}
