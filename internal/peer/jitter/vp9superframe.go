package jitter

import "github.com/pion/rtp/codecs"

// vp9Superframe joins the spatial layers of a picture, which the payload
// descriptors tell apart: FFmpeg finds them by the index of a superframe only
// (VP9 bitstream specification, Annex B).
type vp9Superframe struct {
	spatial uint8
	sizes   []int
}

func (s *vp9Superframe) unpack(payload []byte) ([]byte, error) {
	packet := codecs.VP9Packet{}
	data, err := packet.Unmarshal(payload)
	if err != nil {
		return nil, err
	}
	if packet.B {
		if packet.SID <= s.spatial {
			s.sizes = s.sizes[:0]
		}
		s.spatial = packet.SID
		s.sizes = append(s.sizes, 0)
	}
	if last := len(s.sizes) - 1; last >= 0 {
		s.sizes[last] += len(data)
	}

	return data, nil
}

// index of a picture of more than one layer.
func (s *vp9Superframe) index(frame []byte) []byte {
	sum := 0
	for _, size := range s.sizes {
		sum += size
	}
	if len(s.sizes) < 2 || sum != len(frame) {
		return nil
	}
	const bytes = 4
	marker := byte(0xc0 | (bytes-1)<<3 | (len(s.sizes) - 1)) //nolint:gosec // at most 8 layers
	index := []byte{marker}
	for _, size := range s.sizes {
		for i := range bytes {
			index = append(index, byte(size>>(8*i))) //nolint:gosec // one of its bytes
		}
	}

	return append(index, marker)
}
