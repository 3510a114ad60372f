package reading

import (
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
)

// Queue holds packets of one stream that were read but not decoded.
type Queue struct {
	stream *av.Stream
	// active streams are read; kept ones are not, but may be soon.
	active, kept bool
	// sought is the position at which it joins, until its first packet is taken; landed
	// is false from a seek until a packet shows where it led to.
	sought time.Duration
	landed bool
	// joining is the position that is read on to before the first packet is taken.
	joining time.Duration
	packets []*av.Packet
	bytes   int
	// past are packets that were taken, from the last keyframe on.
	past      []*av.Packet
	pastBytes int
	// taken is the decoding time of the last packet that was taken; until is
	// the time up to which packets were taken before a seek.
	taken, until time.Duration
}

// Stream is the stream that it is of.
func (q *Queue) Stream() *av.Stream { return q.stream }

func (q *Queue) clear() {
	for _, p := range q.packets {
		p.Release()
	}
	q.packets, q.bytes = nil, 0
	q.forget()
}
