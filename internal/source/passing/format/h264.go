package format

import (
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// Types of NAL units (H.264 table 7-1).
const (
	nalSlice = 1
	nalIDR   = 5
	nalSPS   = 7
	nalPPS   = 8
)

// h264Format turns access units into Annex B with all parameter sets before
// each IDR picture, and leaves out what no decoder needs (delimiters, SEI).
type h264Format struct {
	nalFraming

	sets parameterSets
	sps  h264SPS
	// longest is the longest unit so far, in bytes.
	longest atomic.Int64
}

func newH264Format(extradata, first []byte) (Format, string) {
	f := readH264(extradata, first)
	unit := f.sets.first(nalSPS)
	if unit == nil {
		return nil, "its H264 has no parameter sets at its start"
	}
	sps, err := parseSPS(unit)
	if err != nil {
		return nil, fmt.Sprintf("its H264 has parameter sets that can't be read: %v", err)
	}
	f.sps = sps
	switch {
	case sps.bitDepth != 8:
		return nil, fmt.Sprintf("its H264 is of %d bit (profile %s), not 8", sps.bitDepth, sps.profileName())
	case sps.chromaFormat > 1:
		return nil, fmt.Sprintf("its H264 is not 4:2:0 (profile %s)", sps.profileName())
	}
	return f, ""
}

// readH264 takes what a stream holds beside its packets, and the first of these.
func readH264(extradata, first []byte) *h264Format {
	f := &h264Format{sets: make(parameterSets)}
	if len(extradata) >= 7 && extradata[0] == 1 {
		f.readAVCC(extradata)
	} else {
		eachAnnexB(extradata, f.keep)
	}
	f.each(first, func(unit []byte) {
		f.keep(unit)
		f.measure(unit)
	})
	return f
}

// Begins gives what tells whether receivers can begin with a packet of the stream; nil
// where its container does. Of H264, FFmpeg takes recovery points for keyframes too.
func Begins(stream *av.Stream) func(data []byte) bool {
	if stream.Codec != "h264" {
		return nil
	}
	f := readH264(stream.Extradata(), nil)
	return func(data []byte) (found bool) {
		f.each(data, func(unit []byte) { found = found || unit[0]&31 == nalIDR })
		return found
	}
}

func (f *h264Format) MimeType() string { return codec.MimeH264 }

func (f *h264Format) Unfit(c media.Codec, force bool) string {
	if longest := int(f.longest.Load()); SingleNAL(c) && longest > media.MaxPayload {
		return TooLong(longest)
	}
	id := Parameters(c)["profile-level-id"]
	negotiated, ok := parseProfileLevelID(id)
	if !ok {
		return fmt.Sprintf("profile-level-id %q was negotiated, which is none", id)
	}
	if !f.sps.fits(negotiated) {
		return fmt.Sprintf("profile %s was not negotiated (%s was)", f.sps.profileName(), negotiated.text)
	}
	if !force && !f.sps.progressive {
		// Not every container says so, and nobody who receives it deinterlaces.
		return unfitInterlaced
	}
	if !force && f.sps.level() > negotiated.level() {
		return fmt.Sprintf("level %s is above what was negotiated (%s)", f.sps.levelName(), negotiated.text)
	}
	return ""
}

// TooLong is why packetization-mode 0 does not carry a NAL unit of that length.
func TooLong(length int) string {
	return fmt.Sprintf("it holds NAL units of %d bytes, packetization-mode 0 carries at most %d"+
		" (x264 makes them so with slice-max-size)", length, media.MaxPayload)
}

// SingleNAL reports H264 of packetization-mode 0, which is what none means (RFC 6184 section 8.1).
func SingleNAL(c media.Codec) bool {
	return strings.EqualFold(c.MimeType, codec.MimeH264) && Parameters(c)["packetization-mode"] != "1"
}

// LongestUnit is the length of the longest NAL unit of a converted picture.
func LongestUnit(data []byte) (longest int) {
	eachAnnexB(data, func(unit []byte) { longest = max(longest, len(unit)) })
	return longest
}

// measure is called by whoever reads the stream, and Unfit by others.
func (f *h264Format) measure(unit []byte) {
	f.longest.Store(max(f.longest.Load(), int64(len(unit))))
}

func (f *h264Format) Convert(data []byte) []Unit {
	keyframe, slices := false, false
	size := len(data) + mostUnitOverhead
	f.each(data, func(unit []byte) {
		switch unit[0] & 31 {
		case nalIDR:
			keyframe, slices = true, true
		case 1, 2, 3, 4:
			slices = true
		case nalSPS, nalPPS:
			f.keep(unit)
		}
	})
	if !slices {
		return nil
	}
	out := make([]byte, 0, size)
	if keyframe {
		if f.sets.first(nalSPS) == nil {
			return nil
		}
		out = f.sets.appendTo(out)
	}
	f.each(data, func(unit []byte) {
		switch kind := unit[0] & 31; {
		case kind >= nalSlice && kind <= nalIDR:
			f.measure(unit)
			out = appendUnit(out, unit)
		case (kind == nalSPS || kind == nalPPS) && !keyframe:
			out = appendUnit(out, unit)
		}
	})
	return []Unit{{Data: out, Keyframe: keyframe}}
}

func (f *h264Format) Held() time.Duration { return 0 }

func (f *h264Format) Restart() {}

// keep remembers a parameter set, in the place of the one with its id.
func (f *h264Format) keep(unit []byte) {
	kind := int(unit[0] & 31)
	var id uint32
	var ok bool
	switch {
	case kind == nalSPS && len(unit) > 4:
		bits := newBitReader(unit[4:])
		id, ok = bits.ue(), bits.ok()
		ok = ok && id < 32
	case kind == nalPPS && len(unit) > 1:
		bits := newBitReader(unit[1:])
		id, ok = bits.ue(), bits.ok()
		ok = ok && id < 256
	}
	if ok {
		f.sets.keep(kind, id, unit)
	}
}

// readAVCC takes an AVCDecoderConfigurationRecord (ISO/IEC 14496-15 section 5.3.3.1).
func (f *h264Format) readAVCC(record []byte) {
	f.lengthSize = int(record[4]&3) + 1
	rest := record[5:]
	for _, mask := range []byte{31, 255} {
		if len(rest) == 0 {
			return
		}
		var ok bool
		if rest, ok = eachCounted(int(rest[0]&mask), rest[1:], f.keep); !ok {
			return
		}
	}
}
