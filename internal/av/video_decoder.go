package av

// #include <libavcodec/avcodec.h>
// #include <libavutil/frame.h>
// #include <libavutil/opt.h>
// #include <stdlib.h>
import "C"

import (
	"errors"
	"fmt"
	"time"
	"unsafe"

	"github.com/asticode/go-astiav"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// VideoDecoder decodes pictures to I420 of an even size, upright, progressive
// and of square pixels.
type VideoDecoder struct {
	decoder
	pool      framePool
	converter converter
	decoded   *astiav.Frame
	// contained says that there is a container: its say on the shape of pixels, aspect, counts first.
	contained bool
	aspect    astiav.Rational
	filter    pictureFilter
}

// NewVideoDecoder decodes a stream of a demuxer.
func NewVideoDecoder(s Stream) (*VideoDecoder, error) {
	// Frame threads add delay, which only pictures too large for one core are worth.
	threads := 1
	if s.Width*s.Height >= 1920*1080 {
		threads = 2
	}
	inner, err := newStreamDecoder(s, threads)
	d, err := newVideoDecoder(inner, err)
	if err != nil {
		return nil, err
	}
	d.contained, d.aspect = true, s.aspect
	return d, nil
}

// NewRealtimeVideoDecoder decodes a stream that comes without a container, one
// picture out for each one in, or one for each of its spatial layers, of the range
// that it has. The name is FFmpeg's of the codec.
func NewRealtimeVideoDecoder(name string) (*VideoDecoder, error) {
	// dav1d would wait for the highest layer, which may have been left out.
	option := C.CString("alllayers")
	defer C.free(unsafe.Pointer(option))
	inner, err := newNamedDecoder(name, func(c *astiav.CodecContext) error {
		c.SetThreadCount(1)
		c.SetFlags(c.Flags().Add(astiav.CodecContextFlagLowDelay))
		_ = C.av_opt_set_int(c.UnsafePointer(), option, 1, C.AV_OPT_SEARCH_CHILDREN)
		return nil
	})
	d, err := newVideoDecoder(inner, err)
	if err != nil {
		return nil, err
	}
	d.converter.keepsRange = true
	return d, nil
}

func newVideoDecoder(inner decoder, err error) (*VideoDecoder, error) {
	if err != nil {
		return nil, err
	}
	frame := astiav.AllocFrame()
	if frame == nil {
		inner.close()
		return nil, fmt.Errorf("open the decoder of %s: out of memory", inner.name)
	}
	return &VideoDecoder{decoder: inner, decoded: frame}, nil
}

// Send gives the decoder a packet, which stays the caller's. nil says that none
// will follow.
func (d *VideoDecoder) Send(p *Packet) error { return d.send(p) }

// SendData gives the decoder one access unit.
func (d *VideoDecoder) SendData(data []byte, pts time.Duration) error { return d.sendData(data, pts) }

// Receive gives the next picture: lent, the caller holds one reference. It
// fails with ErrAgain when the decoder needs a packet first, and with io.EOF
// after the last picture. keep, if not nil, is asked before the costs of
// conversion; pictures that it refuses come as nil.
func (d *VideoDecoder) Receive(keep func(pts time.Duration) bool) (*media.VideoFrame, time.Duration, error) {
	base, err := d.receive()
	if err != nil {
		return nil, 0, failure("decode "+d.name, err)
	}
	defer d.decoded.Unref()
	frame := (*C.AVFrame)(d.decoded.UnsafePointer())
	pts := toDuration(int64(frame.pts), base)
	duration := toDuration(int64(frame.duration), base)
	if keep != nil && !keep(pts) {
		return nil, duration, nil
	}

	one := d.pool.get()
	if one == nil {
		return nil, 0, fmt.Errorf("decode %s: out of memory", d.name)
	}
	if err := d.converter.convert(d.decoded, one.frame); err != nil {
		d.pool.put(one)
		return nil, 0, failure("convert a picture of "+d.name, err)
	}
	borrowPlanes(one)
	d.converter.describe(d.decoded, &one.VideoFrame)
	one.PTS = pts
	one.Lend(one.recycle)
	return &one.VideoFrame, duration, nil
}

// receive fills decoded with the next picture as it is to be seen, and tells
// what its times are of.
func (d *VideoDecoder) receive() (astiav.Rational, error) {
	for {
		if d.filter.open() {
			if err := d.filter.pull(d.decoded); !errors.Is(err, astiav.ErrEagain) {
				return d.filter.base(), err
			}
		}
		err := d.context.ReceiveFrame(d.decoded)
		if errors.Is(err, astiav.ErrEof) && d.filter.open() {
			// What it held back comes now.
			if err := d.filter.push(nil); err != nil {
				return d.base, err
			}
			continue
		}
		if err != nil {
			return d.base, err
		}
		frame := (*C.AVFrame)(d.decoded.UnsafePointer())
		frame.pts = frame.best_effort_timestamp
		if !d.contained {
			return d.base, nil
		}
		if d.aspect.Num() > 0 && d.aspect.Den() > 0 {
			frame.sample_aspect_ratio = rational(d.aspect)
		}
		filtered, err := d.filter.prepare(d.decoded, d.base)
		if err == nil && !filtered {
			return d.base, nil
		}
		if err == nil {
			err = d.filter.push(d.decoded)
		}
		d.decoded.Unref()
		if err != nil {
			return d.base, err
		}
	}
}

// SkipUnreferenced leaves out pictures that no other needs, to catch up.
func (d *VideoDecoder) SkipUnreferenced(skip bool) {
	d.c().skip_frame = C.AVDISCARD_DEFAULT
	if skip {
		d.c().skip_frame = C.AVDISCARD_NONREF
	}
}

// Flush forgets what was sent, for a seek.
func (d *VideoDecoder) Flush() {
	d.flush()
	d.filter.close()
}

// Close frees the decoder. Pictures that are still held stay whole.
func (d *VideoDecoder) Close() {
	if d.context == nil {
		return
	}
	d.close()
	d.decoded.Free()
	d.filter.close()
	d.converter.close()
	d.pool.close()
}

// borrowPlanes points one's planes at those of its AVFrame.
func borrowPlanes(one *picture) {
	f := (*C.AVFrame)(one.frame.UnsafePointer())
	width, height := int(f.width)&^1, int(f.height)&^1
	one.Width, one.Height = width, height
	one.YStride, one.UVStride = int(f.linesize[0]), int(f.linesize[1])
	one.Y = plane(f.data[0], one.YStride, width, height)
	one.U = plane(f.data[1], one.UVStride, width/2, height/2)
	one.V = plane(f.data[2], one.UVStride, width/2, height/2)
}

func plane(data *C.uint8_t, stride, width, height int) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(data)), stride*(height-1)+width)
}
