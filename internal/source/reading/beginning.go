package reading

import (
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
)

const (
	// markedPackets is how many packets of the beginning are looked at, to know it again.
	markedPackets = 64
	// markSlack is how far the time of a packet may be from what it was: FFmpeg works
	// some out anew.
	markSlack = 20 * time.Millisecond
)

// beginning knows the first packet of each stream. Seeking comes near the beginning
// only in some containers, in others nowhere: then they are opened again.
type beginning struct {
	marks map[int]mark
	// looked counts the packets that were learnt from, or compared.
	looked int
	// awaited are the streams whose first packet is still to be compared; nil while
	// none is.
	awaited map[int]bool
}

type mark struct {
	at   time.Duration
	size int
}

func markOf(p *av.Packet) mark {
	at := p.PTS
	if at == av.NoTime {
		at = p.DTS
	}
	return mark{at: at, size: p.Size}
}

// like reports whether both are of the same packet.
func (m mark) like(other mark) bool {
	if m.size != other.size || (m.at == av.NoTime) != (other.at == av.NoTime) {
		return false
	}
	d := m.at - other.at
	return m.at == av.NoTime || d <= markSlack && d >= -markSlack
}

// learn takes a packet of the beginning.
func (b *beginning) learn(p *av.Packet) {
	if b.looked >= markedPackets {
		return
	}
	b.looked++
	if b.marks == nil {
		b.marks = make(map[int]mark)
	}
	if _, known := b.marks[p.Stream]; !known {
		b.marks[p.Stream] = markOf(p)
	}
}

// compare awaits the first packets of the streams, as far as they are known. It
// reports false where none is.
func (b *beginning) compare(streams []*Queue) bool {
	b.awaited, b.looked = make(map[int]bool), 0
	for _, q := range streams {
		if _, known := b.marks[q.stream.Index]; known && q.active {
			b.awaited[q.stream.Index] = true
		}
	}
	if len(b.awaited) == 0 {
		b.awaited = nil
	}
	return b.awaited != nil
}

// missed takes a packet that came after seeking to the beginning, and reports
// whether that failed.
func (b *beginning) missed(p *av.Packet) bool {
	b.looked++
	if b.awaited[p.Stream] {
		delete(b.awaited, p.Stream)
		if !b.marks[p.Stream].like(markOf(p)) {
			return true
		}
	}
	if len(b.awaited) == 0 {
		b.awaited, b.looked = nil, markedPackets
		return false
	}
	return b.looked >= markedPackets
}

// toBeginning lets the container be read from its beginning.
func (r *Reader) toBeginning() error {
	r.forget()
	r.jumps.rewound()
	r.reached = av.NoTime
	if !r.reopens && r.beginning.compare(r.streams) &&
		r.container.Demuxer().Seek(r.pilot(), r.start) == nil {
		return nil
	}
	return r.reopen()
}

// reopen opens the container again.
func (r *Reader) reopen() error {
	r.forget()
	r.reopens, r.beginning = true, beginning{}
	return r.container.Demuxer().Reopen()
}

// prove looks whether seeking came to the beginning: no packet is taken before.
func (r *Reader) prove() error {
	for r.beginning.awaited != nil {
		p, err := r.container.Demuxer().Read()
		if isLater(err) {
			return err
		}
		if err == nil {
			r.ahead = append(r.ahead, p)
		}
		if err != nil || r.beginning.missed(p) {
			return r.reopen()
		}
	}
	return nil
}
