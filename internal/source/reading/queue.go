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
	// elsewhere counts packets of its kind in a stream that appeared, since there was one of its own; another is
	// how that stream is coded.
	elsewhere int
	another   string
	// codedAs tells from a packet how it is coded, recoded that it is in another way than the stream was said to be, since
	// and until when.
	codedAs                    func(data []byte) string
	recoded                    string
	recodedSince, recodedUntil time.Duration
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

// mostRecoded is for how long packets of another codec are left out: a part of a playlist is over sooner.
const mostRecoded = 10 * time.Second

// over says that it goes on elsewhere, or as what it was not said to be.
func (q *Queue) over() bool {
	return q.elsewhere >= leastElsewhere || q.recoded != "" && q.recodedUntil-q.recodedSince > mostRecoded
}

// isOther reports whether a packet is of another codec, from the first that shows it to the first of its own.
func (q *Queue) isOther(p *av.Packet) bool {
	if q.codedAs != nil && (q.recoded != "" || !p.Keyframe) {
		switch as := q.codedAs(p.Data()); as {
		case "":
		case q.stream.Codec:
			q.recoded = ""
		default:
			if q.recoded == "" {
				q.recodedSince, q.recodedUntil = p.DTS, p.DTS
			}
			q.recoded = as
		}
	}
	if q.recoded != "" && p.DTS != av.NoTime {
		if q.recodedSince == av.NoTime {
			q.recodedSince = p.DTS
		}
		q.recodedUntil = max(q.recodedUntil, p.DTS)
	}
	return q.recoded != ""
}

// anew forgets what was taken, and that it goes on elsewhere or as what it was not said to be.
func (q *Queue) anew() {
	q.taken, q.until = av.NoTime, av.NoTime
	q.elsewhere, q.recoded = 0, ""
}
