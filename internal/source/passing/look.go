package passing

import (
	"context"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/container"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/passing/format"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/reading"
)

const (
	// longestGroup is how far keyframes may lie apart in what passes without being told to.
	longestGroup = 3 * time.Second
	// lookSpan, mostReadAhead and mostPacketsAhead bound what is looked at where no
	// index tells of the keyframes.
	lookSpan = 10 * time.Second
	// orderedPackets in a row say that pictures come in the order of their times.
	orderedPackets = 60
)

// Outlook is what was found out about a stream before it is played.
type Outlook struct {
	// First is the first packet's bytes.
	First []byte
	// Reordered says that pictures are not in the order of their times.
	Reordered bool
	// Gap is the longest time between keyframes that was seen, known whether enough was seen.
	Gap   time.Duration
	Known bool
	// recovers says that decoders can begin where receivers can't, and hardly elsewhere.
	recovers bool
	// Bitrate is in bits a second, 0 where it isn't known.
	Bitrate int
}

// viewer looks at the packets of one stream, in their order.
type viewer struct {
	stream  *av.Stream
	indexed bool
	outlook Outlook
	// begins is nil where a keyframe is what the container says is one.
	begins func(data []byte) bool

	packets, keyframes, bytes int
	start, last, lastDTS      time.Duration
	keyframe, gap             time.Duration
}

func newViewer(c *container.Container, stream *av.Stream) *viewer {
	v := &viewer{stream: stream, start: av.NoTime, last: av.NoTime, keyframe: av.NoTime, begins: format.Begins(stream)}
	v.outlook.Reordered = stream.Reordered()
	v.outlook.Bitrate = stream.Bitrate()
	if index, ok := c.Demuxer().Index(*stream); ok {
		v.indexed = true
		v.outlook.Gap, v.outlook.Known = index.LongestGap, true
		if index.Bitrate > 0 {
			v.outlook.Bitrate = index.Bitrate
		}
	}
	return v
}

// done reports whether enough was seen. Where passthrough is forced the distance
// of keyframes does not matter, but that there are any does.
func (v *viewer) done(force bool) bool {
	switch {
	case v.outlook.Reordered:
		return true
	case v.packets == 0:
		return false
	case v.stream.Kind == media.Audio:
		return force || v.outlook.Bitrate > 0 || v.span() >= time.Second
	case !v.indexed && !force:
		return v.gap > longestGroup || v.span() >= lookSpan
	case v.begins != nil && !v.sure(force):
		return false
	case v.begins != nil && !v.indexed:
		// Where the container can't be believed, its word for the order of pictures isn't either.
		return v.packets >= orderedPackets
	default:
		return true
	}
}

// sure reports whether it is known of what is called keyframes whether they are.
func (v *viewer) sure(force bool) bool {
	tooFar := !force && v.outlook.Gap > longestGroup
	return tooFar || v.keyframes > 1 || v.span() >= lookSpan
}

func (v *viewer) span() time.Duration {
	if v.last == av.NoTime {
		return 0
	}
	return v.last - v.start
}

func (v *viewer) add(p *av.Packet) {
	if v.packets == 0 {
		v.outlook.First = append([]byte(nil), p.Data()...)
	}
	v.packets++
	v.bytes += p.Size
	at := v.time(p)
	if v.last == av.NoTime {
		v.start = at
	} else if at < v.last && v.stream.Kind == media.Video && (p.DTS == av.NoTime || p.DTS > v.lastDTS) {
		// Where both times go back the file begins anew, as joined ones do.
		v.outlook.Reordered = true
	}
	v.last, v.lastDTS = at, p.DTS
	if v.keyframe != av.NoTime {
		v.gap = max(v.gap, at-v.keyframe)
	}
	keyframe := p.Keyframe
	if v.begins != nil {
		if keyframe = v.begins(p.Data()); p.Keyframe && !keyframe {
			// The index counts those too.
			v.outlook.recovers, v.indexed = true, false
		}
	}
	if keyframe {
		v.keyframes++
		v.keyframe = at
	}
}

// time of a packet, which follows the last one where the file doesn't tell.
func (v *viewer) time(p *av.Packet) time.Duration {
	switch {
	case p.PTS != av.NoTime:
		return p.PTS
	case v.last == av.NoTime:
		return 0
	case p.Duration > 0 && p.Duration < mostGap:
		return v.last + p.Duration
	default:
		return v.last + time.Second/25
	}
}

// finish tells what was seen; ended says that the stream has no more.
func (v *viewer) finish(ended bool) Outlook {
	if !v.indexed {
		v.outlook.Gap = v.gap
		v.outlook.Known = v.keyframes > 1 || v.keyframes == 1 && ended
		v.outlook.recovers = v.outlook.recovers && !v.outlook.Known
		if span := v.span(); span > 0 && v.outlook.Bitrate == 0 {
			v.outlook.Bitrate = int(float64(v.bytes) * 8 / span.Seconds())
		}
	}
	return v.outlook
}

// look reads ahead until enough is known of the streams. The reader plays later
// what was read. Of what can't be read ahead of its time nothing is known.
func look(ctx context.Context, r *reading.Reader, streams []*av.Stream, force bool) map[*av.Stream]Outlook {
	viewers := make([]*viewer, 0, len(streams))
	for _, stream := range streams {
		viewers = append(viewers, newViewer(r.Container(), stream))
	}
	ended := false
	if r.Container().Demuxer().Seekable() {
		ended = lookAhead(ctx, r, viewers, force)
	}
	outlooks := make(map[*av.Stream]Outlook)
	for _, v := range viewers {
		outlooks[v.stream] = v.finish(ended)
	}
	return outlooks
}

// lookAhead reports whether it came to the end of the file.
func lookAhead(ctx context.Context, r *reading.Reader, viewers []*viewer, force bool) (ended bool) {
	demuxer := r.Container().Demuxer()
	// What is read here is played later, the streams that aren't looked at too.
	for _, stream := range []*av.Stream{r.Container().Audio(), r.Container().Video()} {
		if stream != nil {
			demuxer.SetActive(stream.Index, true)
			defer demuxer.SetActive(stream.Index, false)
		}
	}
	for bytes, packets := 0, 0; bytes < reading.MostReadAhead && packets < reading.MostPacketsAhead && ctx.Err() == nil; packets++ {
		waiting := false
		for _, v := range viewers {
			waiting = waiting || !v.done(force)
		}
		if !waiting {
			return false
		}
		p, err := r.LookAhead()
		if err != nil {
			return true
		}
		bytes += p.Size
		for _, v := range viewers {
			if v.stream.Index == p.Stream {
				v.add(p)
			}
		}
	}
	return false
}
