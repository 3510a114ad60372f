package jitter

import (
	"github.com/pion/rtp/codecs"
	"github.com/pion/rtp/codecs/av1/obu"
)

// unknown is a layer that nothing tells.
const unknown = -1

// layersInVP8 reads TID (RFC 7741 section 4.2).
func layersInVP8(_, payload []byte) (spatial, temporal int) {
	p := codecs.VP8Packet{}
	if _, err := p.Unmarshal(payload); err != nil || p.T == 0 {
		return unknown, unknown
	}

	return unknown, int(p.TID)
}

// layersInVP9 reads TID and SID (RFC 9628 section 4.2): the last packet of a picture is of its highest layer.
func layersInVP9(_, payload []byte) (spatial, temporal int) {
	p := codecs.VP9Packet{}
	if _, err := p.Unmarshal(payload); err != nil || !p.L {
		return unknown, unknown
	}

	return int(p.SID), int(p.TID)
}

// layersInAV1 reads the extensions of OBUs (AV1 section 5.3.3), of which the highest counts.
func layersInAV1(frame, _ []byte) (spatial, temporal int) {
	spatial, temporal = unknown, unknown
	for len(frame) > 0 {
		header, err := obu.ParseOBUHeader(frame)
		if err != nil {
			break
		}
		if e := header.ExtensionHeader; e != nil {
			spatial, temporal = max(spatial, int(e.SpatialID)), max(temporal, int(e.TemporalID))
		}
		frame = frame[header.Size():]
		if !header.HasSizeField {
			break
		}
		length, n, err := obu.ReadLeb128(frame)
		if err != nil || uint64(length)+uint64(n) > uint64(len(frame)) {
			break
		}
		frame = frame[n+length:]
	}

	return spatial, temporal
}

// noLayers is of codecs whose packets do not tell.
func noLayers(_, _ []byte) (spatial, temporal int) { return unknown, unknown }
