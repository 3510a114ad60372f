package reading

import (
	"errors"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/container"
)

// mostLost is how far after the place that was sought packets may begin.
const mostLost = 300 * time.Millisecond

// Who joins begins where the source is, and nobody else notices. Where seeking leads
// elsewhere, or nowhere, the container is read once more from its beginning; from
// then on, and where seeking is known not to work, the packets of kinds that nobody
// reads yet are kept, from the keyframe that plays on.

// Keep says whether packets of a stream that is not read, or no longer, are kept for
// who joins.
func (r *Reader) Keep(q *Queue, kept bool) {
	kept = kept && r.sequential
	if !q.active && q.kept == kept {
		return
	}
	if !kept {
		r.Activate(q, false)
		return
	}
	q.packets = append(q.past, q.packets...)
	q.bytes += q.pastBytes
	q.active, q.kept, q.past, q.pastBytes = false, true, nil, 0
	r.choose(q.stream)
}

// remember keeps what was taken since the last keyframe, within bounds, where it can't be read again.
func (r *Reader) remember(q *Queue, p *av.Packet) {
	if !r.sequential || r.container.Live() {
		return
	}
	switch {
	case p.Keyframe:
		q.forget()
	case len(q.past) == 0:
		return
	case len(q.past) >= MostPacketsAhead || q.pastBytes+p.Size > MostReadAhead:
		// Who joins waits for the next keyframe.
		q.forget()
		return
	}
	p.Retain()
	q.past = append(q.past, p)
	q.pastBytes += p.Size
}

func (q *Queue) forget() {
	for _, p := range q.past {
		p.Release()
	}
	q.past, q.pastBytes = nil, 0
}

// Join makes a stream begin at position, or before it where decoders need that. The
// others go on with the packet after their last.
func (r *Reader) Join(q *Queue, position time.Duration) error {
	if r.container.Live() || !r.startKnown {
		return nil
	}
	q.sought = position
	if !r.sequential {
		if r.seek(position) == nil {
			return nil
		}
		// Now it is anywhere.
		return r.again()
	}
	if r.reached == av.NoTime || r.reached < position {
		q.joining = position
	}
	r.trim(q, position)
	return nil
}

// astray takes the first packet of a stream after seeking, and reports whether that
// led to no keyframe of who joins, or beyond what is needed.
func (r *Reader) astray(q *Queue, p *av.Packet) bool {
	q.landed = true
	switch {
	case q.sought != av.NoTime && q.stream.Kind == media.Video && !p.Keyframe:
		return true
	case p.DTS == av.NoTime:
		return false
	case q.sought != av.NoTime:
		return r.Position(p.DTS)-q.sought > mostLost
	default:
		return q.until != av.NoTime && p.DTS-q.until > max(2*p.Duration, mostLost)
	}
}

// again reads from the beginning up to where the streams are, and lets nothing be
// sought any more.
func (r *Reader) again() error {
	r.sequential = true
	if err := r.reopen(); err != nil {
		return err
	}
	r.jumps.rewound()
	r.restart()
	for _, q := range r.streams {
		q.landed, q.joining = true, q.sought
	}
	return nil
}

// restart is for packets from elsewhere: those that streams had already are left out.
func (r *Reader) restart() {
	r.ended, r.reached = false, av.NoTime
	for _, q := range r.streams {
		q.clear()
		q.until, q.landed = q.taken, false
		if q.sought != av.NoTime {
			q.anew()
		}
	}
}

// arrived ends the wait of a stream that joins.
func (r *Reader) arrived(p *av.Packet) {
	at := p.Time()
	if at == av.NoTime {
		return
	}
	r.reached = max(r.reached, r.Position(at))
	for _, q := range r.streams {
		if q.joining != av.NoTime && r.reached >= q.joining {
			q.joining = av.NoTime
		}
	}
}

// trim drops what lies before the last keyframe at or before position, and all where
// that is too much: who joins then waits for the next.
func (r *Reader) trim(q *Queue, position time.Duration) {
	from := 0
	if q.bytes > MostReadAhead || len(q.packets) > MostPacketsAhead {
		from = len(q.packets)
	} else {
		for i, p := range q.packets {
			if p.Keyframe && p.PTS != av.NoTime && r.Position(p.PTS) <= position {
				from = i
			}
		}
	}
	for i, p := range q.packets[:from] {
		q.bytes -= p.Size
		p.Release()
		q.packets[i] = nil
	}
	q.packets = q.packets[from:]
}

func isLater(err error) bool { return errors.Is(err, container.ErrLater) }
