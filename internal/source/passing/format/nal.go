package format

import (
	"bytes"
	"maps"
	"slices"
)

// mostParameterSets bounds what is sent before each keyframe, in bytes.
const mostParameterSets = 64 << 10

// mostUnitOverhead is room for parameter sets and start codes, as most files need it.
const mostUnitOverhead = 128

var startCode = []byte{0, 0, 1}

// nalFraming is how the NAL units of H264 and H265 lie in packets.
type nalFraming struct {
	// lengthSize is of the length before each unit; 0 is Annex B.
	lengthSize int
}

// each calls do with the units of an access unit, without what frames them.
func (f nalFraming) each(data []byte, do func(unit []byte)) {
	if f.lengthSize == 0 {
		eachAnnexB(data, do)
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
		eachWithin(data[:length], do)
		data = data[length:]
	}
}

// eachWithin calls do with a unit whose length was told. A start code in it begins another one for all who read what is
// made of it here, which is Annex B; what is no unit for them (forbidden_zero_bit) is left out.
func eachWithin(unit []byte, do func(unit []byte)) {
	for len(unit) > 0 {
		end, next := len(unit), len(unit)
		if at := bytes.Index(unit, startCode); at >= 0 {
			end, next = at, at+len(startCode)
		}
		part := unit[:end]
		if next > end {
			part = bytes.TrimRight(part, "\x00")
		}
		if len(part) > 0 && part[0]&0x80 == 0 {
			do(part)
		}
		unit = unit[next:]
	}
}

// eachAnnexB splits at start codes (annex B of H.264 and of H.265).
func eachAnnexB(data []byte, do func(unit []byte)) {
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

// eachCounted calls do with units of two bytes of length each, and gives what is behind them.
func eachCounted(count int, data []byte, do func(unit []byte)) (rest []byte, ok bool) {
	for range count {
		if len(data) < 2 {
			return nil, false
		}
		length := int(data[0])<<8 | int(data[1])
		data = data[2:]
		if length > len(data) {
			return nil, false
		}
		eachWithin(data[:length], do)
		data = data[length:]
	}
	return data, true
}

func appendUnit(out, unit []byte) []byte {
	return append(append(out, 0, 0, 0, 1), unit...)
}

// parameterSets are the newest ones by their type and id, in the order in which
// they refer to each other.
type parameterSets map[int][]byte

func parameterSetKey(kind int, id uint32) int { return kind<<8 | int(id) }

// keep remembers a set, in the place of the one with its type and id.
func (s parameterSets) keep(kind int, id uint32, unit []byte) {
	key := parameterSetKey(kind, id)
	if bytes.Equal(s[key], unit) {
		return
	}
	total := len(unit)
	for other, set := range s {
		if other != key {
			total += len(set)
		}
	}
	if total <= mostParameterSets {
		s[key] = bytes.Clone(unit)
	}
}

// first is the set of a type with the lowest id.
func (s parameterSets) first(kind int) []byte {
	for _, key := range slices.Sorted(maps.Keys(s)) {
		if key>>8 == kind {
			return s[key]
		}
	}
	return nil
}

// appendTo writes all of them before a keyframe.
func (s parameterSets) appendTo(out []byte) []byte {
	for _, key := range slices.Sorted(maps.Keys(s)) {
		out = appendUnit(out, s[key])
	}
	return out
}
