package core

import "github.com/mediasoup-client-pion/mediasoup-client-pion/internal/wire"

const (
	// A segment takes the largest record whole.
	segmentSize      = 128 << 10
	maxSpareSegments = 4
)

// segment holds records as they will be in a batch, so that a poll copies runs
// of them.
type segment struct {
	data []byte
	// marks has an entry for each record.
	marks []mark
	// first and read are the first record, and its offset, that was not moved.
	first, read int
}

// mark is one record: its room in data, and what it counts for.
type mark struct {
	charge
	size int
}

func newSegment() *segment {
	return &segment{data: make([]byte, 0, segmentSize)}
}

// put returns false when r does not fit.
func (s *segment) put(c charge, r wire.Record) bool {
	size := wire.RecordSize(len(r.Payload))
	used := len(s.data)
	if used+size > cap(s.data) {
		return false
	}
	s.data = s.data[:used+size]
	wire.PutRecord(s.data[used:], r)
	s.marks = append(s.marks, mark{c, size})

	return true
}

// move copies as many whole records as fit, and says what they counted for.
func (s *segment) move(buf []byte, charged func(charge)) int {
	n := 0
	for s.first < len(s.marks) {
		m := s.marks[s.first]
		if n+m.size > len(buf) {
			break
		}
		n += m.size
		s.first++
		if m.class != ofNone {
			charged(m.charge)
		}
	}
	copy(buf, s.data[s.read:s.read+n])
	s.read += n

	return n
}

func (s *segment) empty() bool { return s.first == len(s.marks) }

func (s *segment) reset() {
	clear(s.marks)
	s.marks = s.marks[:0]
	s.data = s.data[:0]
	s.first, s.read = 0, 0
}
