package av

// #include <libavcodec/avcodec.h>
// #include <libavutil/frame.h>
import "C"

import (
	"fmt"
	"time"
	"unsafe"

	"github.com/asticode/go-astiav"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// VideoDecoder decodes pictures to I420 of an even size.
type VideoDecoder struct {
	decoder
	pool      framePool
	converter converter
	decoded   *astiav.Frame
}

// NewVideoDecoder decodes a stream of a demuxer.
func NewVideoDecoder(s Stream) (*VideoDecoder, error) {
	// Frame threads add delay, which only pictures too large for one core are worth.
	threads := 1
	if s.Width*s.Height >= 1920*1080 {
		threads = 2
	}
	inner, err := newStreamDecoder(s, threads)
	return newVideoDecoder(inner, err)
}

// NewRealtimeVideoDecoder decodes a stream that comes without a container, one
// picture out for each one in. The name is FFmpeg's of the codec.
func NewRealtimeVideoDecoder(name string) (*VideoDecoder, error) {
	inner, err := newNamedDecoder(name, func(c *astiav.CodecContext) {
		c.SetThreadCount(1)
		c.SetFlags(c.Flags().Add(astiav.CodecContextFlagLowDelay))
	})
	return newVideoDecoder(inner, err)
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
	if err := d.context.ReceiveFrame(d.decoded); err != nil {
		return nil, 0, failure("decode "+d.name, err)
	}
	defer d.decoded.Unref()
	frame := (*C.AVFrame)(d.decoded.UnsafePointer())
	pts := toDuration(int64(frame.best_effort_timestamp), d.base)
	duration := toDuration(int64(frame.duration), d.base)
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
	one.PTS = pts
	one.Lend(one.recycle)
	return &one.VideoFrame, duration, nil
}

// SkipUnreferenced leaves out pictures that no other needs, to catch up.
func (d *VideoDecoder) SkipUnreferenced(skip bool) {
	d.c().skip_frame = C.AVDISCARD_DEFAULT
	if skip {
		d.c().skip_frame = C.AVDISCARD_NONREF
	}
}

// Flush forgets what was sent, for a seek.
func (d *VideoDecoder) Flush() { d.flush() }

// Close frees the decoder. Pictures that are still held stay whole.
func (d *VideoDecoder) Close() {
	if d.context == nil {
		return
	}
	d.close()
	d.decoded.Free()
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
