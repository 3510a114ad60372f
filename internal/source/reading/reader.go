package reading

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/container"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/passing/format"
)

// Bounds of what is read ahead for one stream while another is looked for, and
// of how often reading is tried again after an error.
const (
	MostReadAhead    = 16 << 20
	MostPacketsAhead = 4096
	mostReadFailures = 50
	// leastElsewhere is how many packets of a kind in a stream that appeared say that it goes on there.
	leastElsewhere = 25
	// leastUnread is how many failures at the end say that it was not all; less are what stands behind it.
	leastUnread = 2
	// leastLate is how much later than the beginning the first packet may be.
	leastLate = 100 * time.Millisecond
)

// errFull says that a packet can't be had before those of the other stream
// were taken.
var errFull = fmt.Errorf("too much read ahead: %w", container.ErrLater)

// Reader takes the packets of a file apart by stream, and turns the times in
// the file to positions of the source, which go on rising across loops.
type Reader struct {
	container *container.Container
	streams   []*Queue
	// start is the time in the file at which its first loop begins.
	start      time.Duration
	startKnown bool
	// offset is added to times in the file in this loop.
	offset time.Duration
	ended  bool
	// waiting says that there was no packet yet when one was last looked for.
	waiting bool
	// ahead are packets that were looked at before they were needed.
	ahead []*av.Packet
	// broken is why the file ended before its end.
	broken error
	// unread is why what came last was not read.
	unread error
	jumps  jumps

	beginning beginning
	// reopens says that the beginning is found by opening the container again only,
	// sequential that no other place is sought.
	reopens, sequential bool
	// reached is the position of the newest packet.
	reached time.Duration
	// now is the position that plays.
	now func() time.Duration
}

// New reads c, which it owns. now is the position that plays.
func New(c *container.Container, now func() time.Duration) *Reader {
	return &Reader{container: c, now: now, reopens: c.Sequential(), sequential: c.Sequential(), reached: av.NoTime}
}

// Container is the container that is read.
func (r *Reader) Container() *container.Container { return r.container }

// Begins is the position at which this round began.
func (r *Reader) Begins() time.Duration { return r.offset }

// Broken is why the file ended before its end.
func (r *Reader) Broken() error { return r.broken }

// LookAhead reads a packet that is played later: the reader's, and the caller's to look at.
func (r *Reader) LookAhead() (*av.Packet, error) {
	p, err := r.container.Demuxer().Read()
	if err == nil {
		r.ahead = append(r.ahead, p)
	}
	return p, err
}

// Add makes the queue of a stream.
func (r *Reader) Add(stream *av.Stream) *Queue {
	q := &Queue{stream: stream, landed: true, sought: av.NoTime, joining: av.NoTime, taken: av.NoTime, until: av.NoTime}
	q.codedAs = format.CodedAs(stream)
	r.streams = append(r.streams, q)
	return q
}

// Activate says whether packets of the stream are kept from now on.
func (r *Reader) Activate(q *Queue, active bool) {
	if !active || !q.kept {
		q.clear()
	}
	q.active, q.kept, q.sought, q.joining, q.landed = active, false, av.NoTime, av.NoTime, true
	q.anew()
	r.choose(q.stream)
}

// choose says whether the container gives packets of the stream, which may be decoded
// and passed through at once.
func (r *Reader) choose(stream *av.Stream) {
	wanted := false
	for _, q := range r.streams {
		wanted = wanted || (q.active || q.kept) && q.stream.Index == stream.Index
	}
	r.container.Demuxer().SetActive(stream.Index, wanted)
}

// Next gives the stream's next packet: the caller's, until Release. It fails
// with errFull, with errLater, or with io.EOF at the end of the file.
func (r *Reader) Next(q *Queue) (*av.Packet, error) {
	for len(q.packets) == 0 || q.joining != av.NoTime {
		if r.ended {
			q.joining = av.NoTime
			if len(q.packets) == 0 {
				return nil, io.EOF
			}
			break
		}
		if q.over() || r.container.Lost(q.stream.Index) != nil {
			return nil, io.EOF
		}
		for _, other := range r.streams {
			if other != q && other.active && (other.bytes > MostReadAhead || len(other.packets) > MostPacketsAhead) {
				return nil, errFull
			}
		}
		if !r.read() {
			return nil, container.ErrLater
		}
	}
	p := q.packets[0]
	q.packets[0] = nil
	q.packets = q.packets[1:]
	q.bytes -= p.Size
	q.sought = av.NoTime
	r.remember(q, p)
	if p.DTS != av.NoTime {
		q.taken = p.DTS
	}
	return p, nil
}

// read takes one packet from the file. It reports false where that is to be
// tried again later.
func (r *Reader) read() bool {
	var p *av.Packet
	var err, failure error
	failed := 0
	for range mostReadFailures {
		p, err = r.Fetch()
		if err == nil || errors.Is(err, io.EOF) || errors.Is(err, container.ErrLater) {
			break
		}
		failure = err
		failed++
	}
	if failed >= leastUnread && errors.Is(err, io.EOF) && r.container.Demuxer().Format() == "ogg" {
		// FFmpeg reads nothing of a chain that goes on in other streams. Other demuxers fail at each end.
		r.unread = failure
	}
	r.waiting = errors.Is(err, container.ErrLater)
	if r.waiting {
		return false
	}
	if err != nil {
		r.Fail(err)
		return true
	}
	r.wander(p)
	r.mend(p)
	r.arrived(p)
	for _, q := range r.streams {
		if q.stream.Index != p.Stream || !q.active && !q.kept {
			continue
		}
		if !q.landed && r.astray(q, p) {
			p.Release()
			if err := r.again(); err != nil {
				r.Fail(err)
			}
			return true
		}
		if q.until != av.NoTime && p.DTS != av.NoTime && p.DTS <= q.until {
			continue
		}
		if q.isOther(p) {
			continue
		}
		if !r.startKnown {
			r.setStart(p)
		}
		p.Retain()
		q.packets = append(q.packets, p)
		q.bytes += p.Size
		switch {
		case q.kept:
			r.trim(q, r.now())
		case q.joining != av.NoTime:
			r.trim(q, q.joining)
		}
	}
	p.Release()
	return true
}

// wander notices that a kind goes on in another stream.
func (r *Reader) wander(p *av.Packet) {
	for _, q := range r.streams {
		switch {
		case q.stream.Index == p.Stream:
			q.elsewhere = 0
		case p.Appeared != nil && p.Appeared.Kind == q.stream.Kind && q.active:
			q.elsewhere++
			q.another = p.Appeared.Codec
		}
	}
}

// Lost is why what q gives ended before the file did.
func (r *Reader) Lost(q *Queue) error {
	if err := r.container.Lost(q.stream.Index); err != nil {
		return err
	}
	switch {
	case q.recoded != "":
		return fmt.Errorf("its %v comes coded as %s, where %s was told", q.stream.Kind, q.recoded, q.stream.Codec)
	case q.elsewhere < leastElsewhere:
		return r.unread
	}
	return fmt.Errorf("its %v goes on in a stream that was not there before, coded as %s", q.stream.Kind, q.another)
}

// Fail ends reading, with io.EOF as it should be.
func (r *Reader) Fail(err error) {
	r.ended = true
	if !errors.Is(err, io.EOF) {
		r.broken = r.container.Broken(err)
	}
}

// Waits reports whether a recorded source waits for the network.
func (r *Reader) Waits() bool { return r.waiting && !r.container.Live() }

// Fetch gives the next packet of the container.
func (r *Reader) Fetch() (*av.Packet, error) {
	if err := r.prove(); err != nil {
		return nil, err
	}
	if len(r.ahead) == 0 {
		p, err := r.container.Demuxer().Read()
		if err == nil {
			r.beginning.learn(p)
		}
		return p, err
	}
	p := r.ahead[0]
	r.ahead[0] = nil
	r.ahead = r.ahead[1:]
	r.beginning.learn(p)
	return p, nil
}

// forget drops what was read ahead, for a seek.
func (r *Reader) forget() {
	for _, p := range r.ahead {
		p.Release()
	}
	r.ahead = nil
}

// setStart takes the first packet's time for the start. What lies before 0 is
// there for decoders only, but where times may be any.
func (r *Reader) setStart(p *av.Packet) {
	r.startKnown = true
	if r.container.Live() {
		// These times are positions already.
		return
	}
	first := p.PTS
	if first == av.NoTime {
		first = p.DTS
	}
	// What is read first need not come first. Less than leastLate is what encoders of
	// sound put before it.
	for _, q := range r.streams {
		begins := q.stream.Begins
		if q.active && begins != av.NoTime && first != av.NoTime && first-begins > leastLate && first-begins < mostPreroll {
			first = begins
		}
	}
	if first != av.NoTime {
		r.start = max(first, 0)
		if first < -mostPreroll || r.container.Demuxer().Jumps() {
			r.start = first
		}
	}
}

// Position of a time in the file.
func (r *Reader) Position(t time.Duration) time.Duration { return t - r.start + r.offset }

// seek goes to position, or before it.
func (r *Reader) seek(position time.Duration) error {
	target := max(position-r.offset, 0) + r.start - r.jumps.shift
	if err := r.container.Demuxer().Seek(r.pilot(), target); err != nil {
		return err
	}
	r.jumps.moved()
	r.forget()
	// It is no longer at the beginning.
	r.beginning.awaited = nil
	r.restart()
	return nil
}

// pilot is the stream that is sought in: pictures can't begin anywhere, and
// containers index them.
func (r *Reader) pilot() int {
	if r.container.Video() != nil {
		return r.container.Video().Index
	}
	return r.container.Audio().Index
}

// Rewind begins the next loop, length after the beginning of this one.
func (r *Reader) Rewind(length time.Duration) error {
	if err := r.toBeginning(); err != nil {
		return r.container.Broken(err)
	}
	r.offset += length
	r.ended, r.unread = false, nil
	for _, q := range r.streams {
		q.clear()
		q.sought, q.joining, q.landed = av.NoTime, av.NoTime, true
		q.anew()
	}
	return nil
}

// Close frees what was read.
func (r *Reader) Close() {
	r.forget()
	for _, q := range r.streams {
		q.clear()
	}
	r.container.Demuxer().Close()
}
