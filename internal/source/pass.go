package source

import (
	"fmt"
	"strings"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/engine"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/passing"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/passing/format"
)

// passer is an engine whose packets may be sent as they are.
type passer interface {
	// Passes reports whether a feed of c and settings gets the packets of the
	// source. Where it doesn't, refusal tells why it can't be transcoded either;
	// nil says that it can.
	Passes(kind media.Kind, c media.Codec, settings media.EncodingSettings) (passes bool, refusal error)
	// PassTo makes packets of kind go to stream too.
	PassTo(kind media.Kind, stream *passing.Stream)
}

// passFrom makes the streams of what e passes through.
func (s *source) passFrom(e engine.Engine) {
	from, ok := e.(passer)
	if !ok {
		return
	}
	s.passed = make(map[media.Kind]*passing.Stream)
	for _, kind := range []media.Kind{media.Audio, media.Video} {
		s.passed[kind] = passing.NewStream(s, e.Name(), kind)
		from.PassTo(kind, s.passed[kind])
	}
}

// check reports whether a feed gets the packets as they are, or why there can't
// be one at all.
func (s *source) check(kind media.Kind, c media.Codec, settings media.EncodingSettings) (passes bool, err error) {
	if from, ok := s.engine.(passer); ok {
		passes, err := from.Passes(kind, c, settings)
		if passes || err != nil {
			return passes, err
		}
	}
	if strings.EqualFold(c.MimeType, codec.MimeH264) && format.Parameters(c)["packetization-mode"] == "0" {
		return false, fmt.Errorf("%w: H264 is not encoded for packetization-mode 0", media.ErrCodecUnavailable)
	}
	if !codec.Supports(kind, c) {
		return false, fmt.Errorf("%w: there is no encoder for %q", media.ErrCodecUnavailable, c.MimeType)
	}
	if strings.EqualFold(c.MimeType, codec.MimeMultiopus) {
		if _, err := codec.MultiopusLayout(c); err != nil {
			return false, fmt.Errorf("%w: %w", media.ErrCodecUnavailable, err)
		}
	}
	return false, nil
}

// CheckCodec implements media.CodecChecker.
func (t *track) CheckCodec(c media.Codec, settings media.EncodingSettings) error {
	_, err := t.source.check(t.kind, c, settings)
	return err
}
