package av

import "github.com/asticode/go-astiav"

// Decodable reports whether this build has a decoder for the stream.
func (s Stream) Decodable() bool {
	return astiav.FindDecoder(s.stream.CodecParameters().CodecID()) != nil
}

// Preference ranks streams of a kind as FFmpeg's players do: those that the file
// marks as default, and those that aren't made for impaired senses.
func (s Stream) Preference() int {
	disposition, n := s.stream.DispositionFlags(), 0
	if disposition.Has(astiav.DispositionFlagDefault) {
		n++
	}
	if !disposition.Has(astiav.DispositionFlagHearingImpaired) &&
		!disposition.Has(astiav.DispositionFlagVisualImpaired) {
		n++
	}
	return n
}
