package av

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/asticode/go-astiav"
)

// OutputStream is one stream of what a Muxer writes.
type OutputStream struct {
	// Codec is FFmpeg's name of it.
	Codec string
	// Width and Height are of pictures, SampleRate and Channels (1 or 2) of sound.
	Width, Height        int
	SampleRate, Channels int
	// Extradata is what a decoder needs first: parameter sets (Annex B), OBUs or a head.
	Extradata []byte
}

var outputCodecs = map[string]astiav.CodecID{
	"vp8": astiav.CodecIDVp8, "vp9": astiav.CodecIDVp9, "h264": astiav.CodecIDH264, "hevc": astiav.CodecIDHevc,
	"av1": astiav.CodecIDAv1, "opus": astiav.CodecIDOpus, "pcm_mulaw": astiav.CodecIDPcmMulaw,
	"pcm_alaw": astiav.CodecIDPcmAlaw, "pcm_s16le": astiav.CodecIDPcmS16Le,
}

// muxerBuffer is how many bytes FFmpeg collects before it writes.
const muxerBuffer = 64 << 10

// Muxer writes a container.
type Muxer struct {
	context *astiav.FormatContext
	io      *astiav.IOContext
	packet  *astiav.Packet
	streams []*astiav.Stream
	last    []int64
	// fragmented says that each fragment tells its own time.
	fragmented bool
	// failure is why the output did not take something, panicked what it panicked with, to go on in Go.
	failure  error
	panicked any
}

// NewMuxer writes the head of a container to output, which may seek if it is an io.Seeker. The
// caller closes the output, after the Muxer.
func NewMuxer(format string, options map[string]string, streams []OutputStream, output io.Writer) (*Muxer, error) {
	silence()
	context, err := astiav.AllocOutputFormatContext(nil, format, "")
	if err != nil {
		return nil, failure("make a "+format, err)
	}
	m := &Muxer{context: context, packet: astiav.AllocPacket(), last: make([]int64, len(streams)), fragmented: format == "mp4"}
	opened := false
	defer func() {
		// Where the output panicked, too.
		if !opened {
			m.Close()
		}
	}()
	if err := m.open(format, options, streams, output); err != nil {
		return nil, err
	}
	opened = true

	return m, nil
}

func (m *Muxer) open(format string, options map[string]string, streams []OutputStream, output io.Writer) error {
	for i, described := range streams {
		stream := m.context.NewStream(nil)
		if stream == nil || m.packet == nil {
			return errors.New("make a muxer: out of memory")
		}
		if err := described.describe(format, stream); err != nil {
			return err
		}
		m.streams, m.last[i] = append(m.streams, stream), noPTS
	}
	var seek astiav.IOContextSeekFunc
	if seeker, ok := output.(io.Seeker); ok {
		seek = func(offset int64, whence int) (at int64, err error) {
			m.guarded(func() (failure error) {
				at, err = seeker.Seek(offset, whence)
				if isPlace := whence <= io.SeekEnd; isPlace {
					// FFmpeg would go on where it is.
					failure = err
				}

				return failure
			})
			if err == nil {
				err = m.failure
			}

			return at, err
		}
	}
	var err error
	m.io, err = astiav.AllocIOContext(muxerBuffer, true, nil, seek, func(b []byte) (int, error) {
		m.guarded(func() error {
			n, err := output.Write(b)
			if err == nil && n < len(b) {
				err = io.ErrShortWrite
			}

			return err
		})

		return len(b), m.failure
	})
	if err != nil {
		return failure("make a muxer", err)
	}
	m.context.SetPb(m.io)
	dictionary := astiav.NewDictionary()
	defer dictionary.Free()
	for name, value := range options {
		if err := dictionary.Set(name, value, 0); err != nil {
			return failure("set "+name, err)
		}
	}
	if err := m.explain("write the head", m.context.WriteHeader(dictionary)); err != nil {
		return err
	}

	return m.written()
}

// written has all that FFmpeg collected written.
func (m *Muxer) written() error {
	m.io.Flush()
	m.rethrow()

	return m.failure
}

// guarded lets the output do something. FFmpeg goes on after an error; what is behind a hole is no good. And C code must
// not see a panic.
func (m *Muxer) guarded(f func() error) {
	if m.failure != nil {
		return
	}
	defer func() {
		if m.panicked = recover(); m.panicked != nil {
			m.failure = ErrClosed
		}
	}()
	m.failure = f()
}

// rethrow lets a panic of the output go on.
func (m *Muxer) rethrow() {
	if reason := m.panicked; reason != nil {
		m.panicked = nil
		panic(reason)
	}
}

func (s OutputStream) describe(format string, stream *astiav.Stream) error {
	parameters := stream.CodecParameters()
	id, ok := outputCodecs[s.Codec]
	if !ok {
		return fmt.Errorf("write %s: %w", s.Codec, ErrNoDecoder)
	}
	parameters.SetCodecID(id)
	if s.SampleRate > 0 {
		parameters.SetMediaType(astiav.MediaTypeAudio)
		parameters.SetSampleRate(s.SampleRate)
		parameters.SetChannelLayout(astiav.ChannelLayoutStereo)
		if s.Channels == 1 {
			parameters.SetChannelLayout(astiav.ChannelLayoutMono)
		}
		stream.SetTimeBase(astiav.NewRational(1, s.SampleRate))
	} else {
		parameters.SetMediaType(astiav.MediaTypeVideo)
		parameters.SetWidth(s.Width)
		parameters.SetHeight(s.Height)
		parameters.SetPixelFormat(astiav.PixelFormatYuv420P)
		stream.SetTimeBase(astiav.NewRational(1, 90_000))
	}
	// In-band parameter sets may change (ISO/IEC 14496-15).
	switch {
	case format != "mp4":
	case s.Codec == "h264":
		parameters.SetCodecTag(astiav.CodecTag(tag("avc3")))
	case s.Codec == "hevc":
		parameters.SetCodecTag(astiav.CodecTag(tag("hev1")))
	}
	if len(s.Extradata) == 0 {
		return nil
	}

	return failure("describe "+s.Codec, parameters.SetExtraData(s.Extradata))
}

func tag(name string) uint32 {
	return uint32(name[0]) | uint32(name[1])<<8 | uint32(name[2])<<16 | uint32(name[3])<<24
}

// Write adds a packet, after those of its stream in time. data is copied.
func (m *Muxer) Write(stream int, data []byte, at, duration time.Duration, keyframe bool) error {
	if err := m.packet.FromData(data); err != nil {
		return failure("write a packet", err)
	}
	defer m.packet.Unref()
	base := m.streams[stream].TimeBase()
	ticks := toTicks(at+time.Duration(base.Float64()*float64(time.Second)/2), base)
	if last := m.last[stream]; last != noPTS && ticks <= last {
		ticks = last + 1
	}
	m.last[stream] = ticks
	m.packet.SetStreamIndex(stream)
	m.packet.SetPts(ticks)
	m.packet.SetDts(ticks)
	m.packet.SetDuration(toTicks(duration, base))
	if keyframe {
		m.packet.SetFlags(astiav.NewPacketFlags(astiav.PacketFlagKey))
	} else {
		m.packet.SetFlags(astiav.NewPacketFlags())
	}

	return m.explain("write a packet", m.context.WriteFrame(m.packet))
}

// Flush writes all that was added: what is written plays.
func (m *Muxer) Flush() error {
	if err := m.explain("write", m.context.WriteFrame(nil)); err != nil {
		return err
	}
	err := m.written()
	if m.fragmented && err == nil {
		// Else FFmpeg has the next fragment begin where this one ends, though nothing came for a while.
		options := m.context.PrivateData().Options()

		return failure("begin a fragment", options.Set("movflags", "+frag_discont", astiav.NewOptionSearchFlags()))
	}

	return err
}

// Finish writes the end of the container.
func (m *Muxer) Finish() error {
	if err := m.explain("write the end", m.context.WriteTrailer()); err != nil {
		return err
	}

	return m.written()
}

func (m *Muxer) explain(doing string, err error) error {
	m.rethrow()
	if m.failure != nil {
		return m.failure
	}

	return failure(doing, err)
}

// Close frees the muxer. Without Finish the container has no end.
func (m *Muxer) Close() {
	if m.packet != nil {
		m.packet.Free()
		m.packet = nil
	}
	if m.context != nil {
		m.context.Free()
		m.context = nil
	}
	if m.io != nil {
		m.io.Free()
		m.io = nil
	}
}
