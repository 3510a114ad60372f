package reading

import (
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

const (
	// mostBack is how far the times of a stream may go back, which they never
	// should.
	mostBack = 500 * time.Millisecond
	// mostAhead is the longest time without a packet that is waited for. Where
	// recordings are cut together without a new clock, mostAheadCut is, and
	// mostAheadTogether where another stream has nothing for that time either.
	mostAhead         = 10 * time.Minute
	mostAheadCut      = 10 * time.Second
	mostAheadTogether = 3 * time.Second
	// together is how far from each other streams jump that are cut at one place, and
	// unequal how much later one may end there than the other.
	together = 2 * time.Second
	unequal  = 300 * time.Millisecond
	// mostPreroll is how long before 0 a file may begin, for decoders only.
	mostPreroll = 10 * time.Second
)

// jumps keeps the times of a file going on where they jump: from one recording
// to another, or because they are wrong. Nobody would wait for years.
type jumps struct {
	// shift is what the stream that jumped last was given.
	shift   time.Duration
	streams map[int]*jumping
	// newest is the latest end of a stream.
	newest time.Duration
}

// jumping is one stream: shift is added to its times, end is where its last packet
// ended, known whether there was one. Containers do not cut all streams at once.
type jumping struct {
	shift, end time.Duration
	// last is the time of its last packet, as the file has it.
	last  time.Duration
	known bool
}

// mend shifts the packet, and by more than those before it if it jumps. cut says
// that the file is of a kind that is cut together.
func (j *jumps) mend(stream *av.Stream, p *av.Packet, cut bool) {
	at := p.Time()
	if at == av.NoTime {
		return
	}
	s := j.streams[stream.Index]
	if s == nil {
		if j.streams == nil {
			j.streams = make(map[int]*jumping)
		}
		s = &jumping{shift: j.shift}
		j.streams[stream.Index] = s
	}
	if s.known && at == s.last && stream.Kind == media.Audio && p.Duration > 0 {
		// All that came in one block has its time: RealAudio 14.4 is one block.
		p.Shift(s.end - at)
		s.end += p.Duration
		j.newest = max(j.newest, s.end)
		return
	}
	s.last = at
	most := j.most(cut)
	if position := at + s.shift; s.known && (position < s.end-mostBack || position > j.newest+most) {
		s.shift = j.rebase(s, at)
	}
	if s.shift != 0 {
		p.Shift(s.shift)
	}
	s.end = at + s.shift + max(min(p.Duration, most), 0)
	if !j.any() {
		j.newest = s.end
	}
	s.known = true
	j.newest = max(j.newest, s.end)
}

// most is how long a gap may be.
func (j *jumps) most(cut bool) time.Duration {
	if !cut {
		return mostAhead
	}
	n := 0
	for _, s := range j.streams {
		if !s.known || j.newest-s.end > together {
			return mostAheadCut
		}
		n++
	}
	if n < 2 {
		return mostAheadCut
	}
	return mostAheadTogether
}

// rebase gives the shift of a stream that jumps: that of another which jumped with
// it, so that both stay together, or one that lets it go on where both have ended.
func (j *jumps) rebase(s *jumping, at time.Duration) time.Duration {
	if d := at + j.shift - s.end; j.shift != s.shift && d > -together && d < together {
		return j.shift
	}
	next := s.end
	for _, other := range j.streams {
		if other.known && other.shift == s.shift && other.end-s.end < unequal {
			next = max(next, other.end)
		}
	}
	j.shift = next - at
	return j.shift
}

func (j *jumps) any() bool {
	for _, s := range j.streams {
		if s.known {
			return true
		}
	}
	return false
}

// mend keeps the times of a packet going on, if its stream is read.
func (r *Reader) mend(p *av.Packet) {
	if r.container.Live() {
		// Its pump has done so.
		return
	}
	for _, q := range r.streams {
		if (q.active || q.kept) && q.stream.Index == p.Stream {
			r.jumps.mend(q.stream, p, r.container.Demuxer().Jumps())
			return
		}
	}
}

// moved forgets where the packets were: others follow, from elsewhere in the file.
func (j *jumps) moved() { clear(j.streams) }

// rewound forgets all, for the beginning of the file.
func (j *jumps) rewound() { *j = jumps{} }
