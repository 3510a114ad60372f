package source

import (
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
)

const (
	// mostBack is how far the times of a stream may go back, which they never
	// should.
	mostBack = 500 * time.Millisecond
	// mostAhead is the longest time without a packet that is waited for. Where
	// recordings are cut together without a new clock, mostAheadCut is.
	mostAhead    = 10 * time.Minute
	mostAheadCut = 10 * time.Second
	// mostPreroll is how long before 0 a file may begin, for decoders only.
	mostPreroll = 10 * time.Second
)

// jumps keeps the times of a file going on where they jump: from one recording
// to another, or because they are wrong. Nobody would wait for years.
type jumps struct {
	// shift is added to the times in the file.
	shift time.Duration
	// ends are where the last packet of each stream ended, newest the latest.
	ends   map[int]time.Duration
	newest time.Duration
}

// mend shifts the packet, and by more than those before it if it jumps. cut says
// that the file is of a kind that is cut together.
func (j *jumps) mend(stream *av.Stream, p *av.Packet, cut bool) {
	at := p.DTS
	if at == av.NoTime {
		at = p.PTS
	}
	if at == av.NoTime {
		return
	}
	most := mostAhead
	if cut {
		most = mostAheadCut
	}
	at += j.shift
	if end, ok := j.ends[stream.Index]; ok && (at < end-mostBack || at > j.newest+most) {
		j.shift += end - at
		at = end
	}
	if j.shift != 0 {
		p.Shift(j.shift)
	}
	if j.ends == nil {
		j.ends = make(map[int]time.Duration)
	}
	end := at + max(min(p.Duration, most), 0)
	if len(j.ends) == 0 {
		j.newest = end
	}
	j.ends[stream.Index] = end
	j.newest = max(j.newest, end)
}

// mend keeps the times of a packet going on, if its stream is read.
func (r *reader) mend(p *av.Packet) {
	if r.container.live {
		// Its pump has done so.
		return
	}
	for _, q := range r.streams {
		if q.active && q.stream.Index == p.Stream {
			r.jumps.mend(q.stream, p, r.container.demuxer.Format() == "mpegts")
			return
		}
	}
}

// moved forgets where the packets were: others follow, from elsewhere in the file.
func (j *jumps) moved() { clear(j.ends) }

// rewound forgets all, for the beginning of the file.
func (j *jumps) rewound() { *j = jumps{} }
