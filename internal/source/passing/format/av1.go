package format

import (
	"bytes"
	"fmt"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// Types of open bitstream units (AV1 section 6.2.2).
const (
	obuSequenceHeader    = 1
	obuTemporalDelimiter = 2
	obuFrameHeader       = 3
	obuFrame             = 6
	obuTileList          = 8
	obuPadding           = 15
)

// av1Format passes temporal units without their delimiters, and puts the
// sequence header before each keyframe.
type av1Format struct {
	// sequence is the last sequence header, with its own header.
	sequence []byte
}

// newAV1Format takes an av1C box (AV1 in ISO-BMFF section 2.3) or what stands
// for it: bare units. Profile 0 is 4:2:0 of 8 or 10 bit, and all its decoders take both.
func newAV1Format(extradata, first []byte) (Format, string) {
	f := &av1Format{}
	units := extradata
	if len(extradata) >= 4 && extradata[0] == 0x81 {
		if profile := extradata[1] >> 5; profile != 0 {
			return nil, fmt.Sprintf("its AV1 is of profile %d, not 0 (main)", profile)
		}
		units = extradata[4:]
	}
	f.Convert(units)
	f.Convert(first)
	if f.sequence == nil {
		return nil, "its AV1 has no sequence header at its start"
	}
	if profile := f.profile(); profile != 0 {
		return nil, fmt.Sprintf("its AV1 is of profile %d, not 0 (main)", profile)
	}
	return f, ""
}

// profile is of the sequence header (AV1 section 5.5.1).
func (f *av1Format) profile() int {
	unit, _, ok := nextOBU(f.sequence)
	if !ok || len(unit.payload) == 0 {
		return -1
	}
	return int(unit.payload[0] >> 5)
}

func (f *av1Format) MimeType() string { return codec.MimeAV1 }

func (f *av1Format) Unfit(c media.Codec, _ bool) string {
	if profile := Parameters(c)["profile"]; profile != "" && profile != "0" {
		return fmt.Sprintf("its AV1 is of profile 0, profile %s was negotiated", profile)
	}
	return ""
}

func (f *av1Format) Convert(data []byte) []Unit {
	out := make([]byte, 0, len(data)+len(f.sequence))
	keyframe, sequenced, framed := false, false, false
	for len(data) > 0 {
		unit, rest, ok := nextOBU(data)
		if !ok {
			break
		}
		data = rest
		switch unit.kind {
		case obuTemporalDelimiter, obuTileList, obuPadding:
			// AV1 RTP section 5: removed when sent.
			continue
		case obuSequenceHeader:
			f.sequence, sequenced = bytes.Clone(unit.whole), true
		case obuFrameHeader, obuFrame:
			// show_existing_frame is 0, frame_type KEY_FRAME, show_frame 1 (AV1 section 5.9.2).
			if !framed && len(unit.payload) > 0 && unit.payload[0]&0xf0 == 0x10 {
				keyframe = true
				if !sequenced {
					out = append(append(out[:0], f.sequence...), out...)
				}
			}
			framed = true
		}
		out = append(out, unit.whole...)
	}
	if !framed {
		return nil
	}
	return []Unit{{Data: out, Keyframe: keyframe && f.sequence != nil}}
}

func (f *av1Format) Held() time.Duration { return 0 }

func (f *av1Format) Restart() {}

type obu struct {
	kind           byte
	whole, payload []byte
}

// nextOBU takes the first unit off data (AV1 section 5.3).
func nextOBU(data []byte) (unit obu, rest []byte, ok bool) {
	if len(data) == 0 || data[0]&0x80 != 0 {
		return obu{}, nil, false
	}
	unit.kind = data[0] >> 3 & 15
	at := 1
	if data[0]&0x04 != 0 {
		at = 2
	}
	if at > len(data) {
		return obu{}, nil, false
	}
	end := len(data)
	if data[0]&0x02 != 0 {
		size, length, ok := leb128(data[at:])
		if !ok || size > uint64(len(data)-at-length) {
			return obu{}, nil, false
		}
		at += length
		end = at + int(size) //nolint:gosec // not above len(data)
	}
	unit.whole, unit.payload = data[:end], data[at:end]
	return unit, data[end:], true
}

func leb128(data []byte) (value uint64, length int, ok bool) {
	for i := 0; i < 8 && i < len(data); i++ {
		value |= uint64(data[i]&0x7f) << (7 * i)
		if data[i]&0x80 == 0 {
			return value, i + 1, true
		}
	}
	return 0, 0, false
}
