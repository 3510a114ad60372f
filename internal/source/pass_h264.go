package source

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"time"

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

// mostParameterSets bounds what is sent before each keyframe, in bytes.
const mostParameterSets = 64 << 10

// h264Format turns access units into Annex B with all parameter sets before
// each IDR picture, and leaves out what no decoder needs (delimiters, SEI).
type h264Format struct {
	// lengthSize is of the length before each unit; 0 is Annex B.
	lengthSize int
	// sets are the parameter sets by type and id.
	sets map[int][]byte
	sps  h264SPS
	// longest is the longest unit of the first picture, in bytes.
	longest int
}

func newH264Format(extradata, first []byte) (passFormat, string) {
	f := readH264(extradata, first)
	unit := f.firstSPS()
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
	f := &h264Format{sets: make(map[int][]byte)}
	if len(extradata) >= 7 && extradata[0] == 1 {
		f.readAVCC(extradata)
	} else {
		f.eachAnnexB(extradata, f.keep)
	}
	f.each(first, func(unit []byte) {
		f.keep(unit)
		f.longest = max(f.longest, len(unit))
	})
	return f
}

func (f *h264Format) mimeType() string { return codec.MimeH264 }

func (f *h264Format) unfit(c media.Codec, force bool) string {
	if singleNAL(c) && f.longest > media.MaxPayload {
		return fmt.Sprintf("it holds NAL units of %d bytes, packetization-mode 0 carries at most %d"+
			" (x264 makes them so with slice-max-size)", f.longest, media.MaxPayload)
	}
	id := fmtp(c)["profile-level-id"]
	negotiated, ok := parseProfileLevelID(id)
	if !ok {
		return fmt.Sprintf("profile-level-id %q was negotiated, which is none", id)
	}
	if !f.sps.fits(negotiated) {
		return fmt.Sprintf("profile %s was not negotiated (%s was)", f.sps.profileName(), negotiated.text)
	}
	if !force && f.sps.level() > negotiated.level() {
		return fmt.Sprintf("level %s is above what was negotiated (%s)", f.sps.levelName(), negotiated.text)
	}
	return ""
}

// singleNAL reports packetization-mode 0, which is what none means (RFC 6184 section 8.1).
func singleNAL(c media.Codec) bool { return fmtp(c)["packetization-mode"] != "1" }

func (f *h264Format) convert(data []byte) []passUnit {
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
		if f.firstSPS() == nil {
			return nil
		}
		for _, key := range slicesSorted(f.sets) {
			out = appendUnit(out, f.sets[key])
		}
	}
	f.each(data, func(unit []byte) {
		switch kind := unit[0] & 31; {
		case kind >= nalSlice && kind <= nalIDR:
			out = appendUnit(out, unit)
		case (kind == nalSPS || kind == nalPPS) && !keyframe:
			out = appendUnit(out, unit)
		}
	})
	return []passUnit{{data: out, keyframe: keyframe}}
}

// mostUnitOverhead is room for parameter sets and start codes, as most files need it.
const mostUnitOverhead = 128

func slicesSorted(sets map[int][]byte) []int { return slices.Sorted(maps.Keys(sets)) }

func (f *h264Format) held() time.Duration { return 0 }

func (f *h264Format) restart() {}

func appendUnit(out, unit []byte) []byte {
	return append(append(out, 0, 0, 0, 1), unit...)
}

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
	if !ok {
		return
	}
	key := kind<<8 | int(id)
	if bytes.Equal(f.sets[key], unit) {
		return
	}
	total := len(unit)
	for other, set := range f.sets {
		if other != key {
			total += len(set)
		}
	}
	if total <= mostParameterSets {
		f.sets[key] = bytes.Clone(unit)
	}
}

func (f *h264Format) firstSPS() []byte {
	for _, key := range slicesSorted(f.sets) {
		if key>>8 == nalSPS {
			return f.sets[key]
		}
	}
	return nil
}

// readAVCC takes an AVCDecoderConfigurationRecord (ISO/IEC 14496-15 section 5.3.3.1).
func (f *h264Format) readAVCC(record []byte) {
	f.lengthSize = int(record[4]&3) + 1
	rest := record[5:]
	for _, mask := range []byte{31, 255} {
		if len(rest) == 0 {
			return
		}
		count := int(rest[0] & mask)
		rest = rest[1:]
		for range count {
			if len(rest) < 2 {
				return
			}
			length := int(rest[0])<<8 | int(rest[1])
			rest = rest[2:]
			if length > len(rest) {
				return
			}
			if length > 0 {
				f.keep(rest[:length])
			}
			rest = rest[length:]
		}
	}
}

// each calls do with the units of an access unit, without what frames them.
func (f *h264Format) each(data []byte, do func(unit []byte)) {
	if f.lengthSize == 0 {
		f.eachAnnexB(data, do)
		return
	}
	for len(data) >= f.lengthSize {
		length := 0
		for _, b := range data[:f.lengthSize] {
			length = length<<8 | int(b)
		}
		data = data[f.lengthSize:]
		if length > len(data) {
			return
		}
		if length > 0 {
			do(data[:length])
		}
		data = data[length:]
	}
}

var startCode = []byte{0, 0, 1}

// eachAnnexB splits at start codes (H.264 annex B).
func (f *h264Format) eachAnnexB(data []byte, do func(unit []byte)) {
	begin := bytes.Index(data, startCode)
	for begin >= 0 {
		data = data[begin+len(startCode):]
		begin = bytes.Index(data, startCode)
		unit := data
		if begin >= 0 {
			unit = data[:begin]
		}
		// Zeros before a start code and at the end belong to no unit.
		if unit = bytes.TrimRight(unit, "\x00"); len(unit) > 0 {
			do(unit)
		}
	}
}
