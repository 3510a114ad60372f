// Package av wraps FFmpeg: demuxing, decoding, scaling, resampling. It is the
// only user of go-astiav, and decides nothing about what is opened or when.
//
// Every Close may be called twice; nothing else is called after it. The types
// are not safe for concurrent use, but for what says otherwise.
package av

// #include "remote.h"
import "C"

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unsafe"

	"github.com/asticode/go-astiav"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// Stream is one stream of a demuxer, which it outlives.
type Stream struct {
	Index int
	Kind  media.Kind
	// Codec is FFmpeg's name of it.
	Codec string
	// Width and Height are 0 for sound, and where they aren't known yet.
	Width, Height int
	// Framerate is 0 where it isn't known.
	Framerate float64
	// SampleRate and Channels are what the container says, which may be wrong.
	SampleRate, Channels int
	// Begins is the time of its first packet, as far as it is known, or NoTime.
	Begins time.Duration
	// Profile and PixelFormat are FFmpeg's names, "" where they aren't known.
	Profile, PixelFormat string
	// Rotation is how far pictures are turned clockwise before they are shown, in
	// degrees from 0 to 359.
	Rotation int

	base   astiav.Rational
	aspect astiav.Rational
	facts  streamFacts
}

// Demuxer reads a file, or what a URL names.
type Demuxer struct {
	context *astiav.FormatContext
	// interruption is nil for devices.
	interruption *interruption
	// files is nil for URLs, network for files, both for devices.
	files   *files
	network *network
	// lends says that packets are in buffers of the device, which end with it.
	lends bool

	format  string
	streams []Stream
	// inner are FFmpeg's own, in the order of streams.
	inner []*astiav.Stream
	// appeared are streams that came later, by their index.
	appeared map[int]*Appeared
	pool     packetPool
}

func newDemuxer() (*Demuxer, error) {
	silence()
	d := &Demuxer{context: astiav.AllocFormatContext()}
	if d.context == nil {
		return nil, errors.New("allocate a demuxer: out of memory")
	}
	if d.interruption = newInterruption(d.context); d.interruption == nil {
		d.Close()
		return nil, errors.New("allocate a demuxer: out of memory")
	}
	return d, nil
}

// open reads the header, and packets where that doesn't tell all.
func (d *Demuxer) open(url string, format *astiav.InputFormat, input Input, own map[string]string) error {
	options, err := newDictionary(input, own)
	if err != nil {
		return err
	}
	defer options.Free()
	if err := d.context.OpenInput(url, format, options); err != nil {
		// FFmpeg has freed the context.
		d.context = nil
		return failure("open", err)
	}
	if err := leftOver(options, input); err != nil {
		return err
	}
	d.format = d.context.InputFormat().Name()
	d.network.learn(d)
	d.list()
	if !d.complete() {
		if err := findStreamInfo(d.context); err != nil {
			return failure("read the streams", err)
		}
		d.list()
	}
	return nil
}

func (d *Demuxer) list() {
	d.inner = d.context.Streams()
	d.streams = make([]Stream, 0, len(d.inner))
	for _, s := range d.inner {
		parameters := s.CodecParameters()
		stream := Stream{
			Index: s.Index(), Codec: parameters.CodecID().Name(),
			Profile: profile(s), base: s.TimeBase(), aspect: s.SampleAspectRatio(), facts: factsOf(s),
			Begins: toDuration(s.StartTime(), s.TimeBase()),
		}
		switch {
		case parameters.MediaType() == astiav.MediaTypeAudio:
			stream.Kind = media.Audio
			stream.SampleRate = parameters.SampleRate()
			stream.Channels = parameters.ChannelLayout().Channels()
		case parameters.MediaType() == astiav.MediaTypeVideo &&
			!s.DispositionFlags().Has(astiav.DispositionFlagAttachedPic):
			stream.Kind = media.Video
			stream.Width, stream.Height = parameters.Width(), parameters.Height()
			stream.Framerate = framerate(s)
			stream.PixelFormat, stream.Rotation = pixelFormat(s), rotation(s)
		}
		d.streams = append(d.streams, stream)
	}
}

// complete reports whether the header told all that decoders need. Looking at
// packets as well would cost more time than opening and decoding together.
func (d *Demuxer) complete() bool {
	if !slices.ContainsFunc(strings.Split(d.format, ","), func(name string) bool {
		return name == "mp4" || name == "matroska"
	}) {
		return false
	}
	known := false
	for _, s := range d.streams {
		if s.Codec == "none" {
			return false
		}
		switch s.Kind {
		case media.Audio:
			if s.SampleRate <= 0 || s.Channels <= 0 {
				return false
			}
		case media.Video:
			if s.Width <= 0 || s.Height <= 0 || s.Framerate <= 0 {
				return false
			}
		default:
			continue
		}
		known = true
	}
	return known
}

// Format is FFmpeg's name of the container.
func (d *Demuxer) Format() string { return d.format }

// Jumps says that times may jump in a container of this kind: as FFmpeg says, and in
// what is sent as it comes.
func (d *Demuxer) Jumps() bool {
	format := formatContext(d.context).iformat
	return format.flags&C.AVFMT_TS_DISCONT != 0 || slices.Contains([]string{"flv", "dash", "rtsp", "rtp"}, d.format)
}

// Counts says that its times are counts of samples, of the rate that it began with.
func (d *Demuxer) Counts() bool {
	return slices.Contains([]string{"aac", "ac3", "eac3", "amr", "flac", "mp3", "ogg", "dts", "loas"}, d.format)
}

// Streams are what the container holds, in its order.
func (d *Demuxer) Streams() []Stream { return d.streams }

// Duration is what the container says of its length, or NoTime.
func (d *Demuxer) Duration() time.Duration {
	longest := toDuration(d.context.Duration(), astiav.NewRational(1, 1_000_000))
	if longest <= 0 {
		longest = NoTime
		for i, s := range d.streams {
			if length := toDuration(d.inner[i].Duration(), s.base); s.Kind != 0 && length > 0 {
				longest = max(longest, length)
			}
		}
	}
	return longest
}

// Reopen is for those that can be opened again.
func (d *Demuxer) Reopen() error { return ErrOnce }

// Segmented reports whether a playlist names what is read.
func (d *Demuxer) Segmented() bool {
	return slices.ContainsFunc(strings.Split(d.format, ","), func(name string) bool {
		return name == "hls" || name == "dash"
	})
}

// Sequential reports whether it can be read from the beginning to the end only.
func (d *Demuxer) Sequential() bool { return d.network.sequential() }

// SetActive says whether packets of the stream are read or left out.
func (d *Demuxer) SetActive(index int, active bool) {
	discard := astiav.DiscardAll
	if active {
		discard = astiav.DiscardDefault
	}
	d.inner[index].SetDiscard(discard)
}

// Read gives the next packet of an active stream, io.EOF at the end.
func (d *Demuxer) Read() (*Packet, error) {
	p := d.pool.get()
	if p == nil {
		return nil, errors.New("read a packet: out of memory")
	}
	err := d.network.watch(func() error { return d.context.ReadFrame(p.packet) })
	d.files.rethrow()
	if err != nil {
		p.Release()
		return nil, d.files.explain(d.network.explain(d.unordered(failure("read a packet", err))))
	}
	if d.lends {
		if err := p.own(); err != nil {
			p.Release()
			return nil, err
		}
	}
	p.Stream = p.packet.StreamIndex()
	// Streams may appear while reading; those are never active.
	p.base, p.Appeared = astiav.Rational{}, nil
	if p.Stream < len(d.streams) {
		p.base = d.streams[p.Stream].base
	} else {
		p.Appeared = d.appear(p.Stream)
	}
	p.describe()
	d.network.mend(p)
	return p, nil
}

// appear gives a stream that was not there when it was opened; nil where it is neither sound nor pictures.
func (d *Demuxer) appear(index int) *Appeared {
	all := unsafe.Slice(formatContext(d.context).streams, formatContext(d.context).nb_streams)
	if index >= len(all) {
		return nil
	}
	parameters := all[index].codecpar
	var kind media.Kind
	switch parameters.codec_type {
	case C.AVMEDIA_TYPE_AUDIO:
		kind = media.Audio
	case C.AVMEDIA_TYPE_VIDEO:
		kind = media.Video
	default:
		return nil
	}
	// FFmpeg may find out later how it is coded.
	id := astiav.CodecID(parameters.codec_id)
	if known := d.appeared[index]; known != nil && known.Kind == kind && known.id == id {
		return known
	}
	if d.appeared == nil {
		d.appeared = make(map[int]*Appeared)
	}
	d.appeared[index] = &Appeared{Kind: kind, Codec: id.Name(), id: id}
	return d.appeared[index]
}

// unordered tells of a file that can't be read from its beginning to its end.
func (d *Demuxer) unordered(err error) error {
	if d.network.sequential() && errors.Is(err, ErrInvalidData) && strings.Contains(d.format, "mp4") {
		return fmt.Errorf("read a packet: %w", ErrSequential)
	}
	return err
}

// Seek goes to the last keyframe of the stream at or before t, in the time of
// the packets.
func (d *Demuxer) Seek(index int, t time.Duration) error {
	ticks := toTicks(t, d.streams[index].base)
	err := d.network.watch(func() error {
		return d.context.SeekFrame(index, ticks, astiav.NewSeekFlags(astiav.SeekFlagBackward))
	})
	d.files.rethrow()
	return d.files.explain(d.network.explain(failure(fmt.Sprintf("seek to %v", t), err)))
}

// Close frees everything but packets that were not released.
func (d *Demuxer) Close() {
	d.pool.close()
	if d.context != nil {
		io := d.files.keep(formatContext(d.context))
		d.context.CloseInput()
		d.context = nil
		C.mscp_remote_io_free(io)
	}
	if d.network != nil {
		d.network.close()
	}
	if d.files != nil {
		d.files.close()
	}
}

// closeUnless closes what an error or a panic kept from opening.
func (d *Demuxer) closeUnless(ok bool) {
	if !ok {
		d.Close()
	}
}

// formatContext is the C structure, which go-astiav keeps to itself: the only
// field of its type.
func formatContext(c *astiav.FormatContext) *C.AVFormatContext {
	return *(**C.AVFormatContext)(unsafe.Pointer(c))
}

func framerate(s *astiav.Stream) float64 {
	for _, rate := range []astiav.Rational{s.AvgFrameRate(), s.RFrameRate()} {
		if rate.Num() > 0 && rate.Den() > 0 {
			return rate.Float64()
		}
	}
	return 0
}
