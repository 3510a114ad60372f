package av

// #include <libavcodec/avcodec.h>
// #include <string.h>
//
// // Packets of Go memory: copied, with the padding that decoders read beyond the end.
// static int mscp_fill_packet(AVPacket *packet, const void *data, int size) {
//   int result = av_new_packet(packet, size);
//   if (result == 0) memcpy(packet->data, data, size);
//   return result;
// }
import "C"

import (
	"fmt"
	"math"
	"runtime"
	"time"
	"unsafe"

	"github.com/asticode/go-astiav"
)

// decoder is what decoding sound and pictures has in common.
type decoder struct {
	name    string
	context *astiav.CodecContext
	// base is of the times that packets and frames carry.
	base astiav.Rational
	// packet is for sendData; nil where a demuxer makes the packets.
	packet *C.AVPacket
}

func newStreamDecoder(s Stream, threads int) (decoder, error) {
	own := s.facts.parameters
	if own == nil {
		return decoder{}, fmt.Errorf("open the decoder of %s: out of memory", s.Codec)
	}
	defer runtime.KeepAlive(own)
	codec := astiav.FindDecoder(own.inner.CodecID())
	return newDecoder(codec, s.Codec, func(c *astiav.CodecContext) error {
		if err := c.FromCodecParameters(own.inner); err != nil {
			return err
		}
		c.SetThreadCount(threads)
		(*C.AVCodecContext)(c.UnsafePointer()).pkt_timebase = rational(s.base)
		return nil
	}, s.base)
}

func newNamedDecoder(name string, configure func(*astiav.CodecContext) error) (decoder, error) {
	base := astiav.NewRational(1, 1_000_000)
	d, err := newDecoder(astiav.FindDecoderByName(name), name, func(c *astiav.CodecContext) error {
		(*C.AVCodecContext)(c.UnsafePointer()).pkt_timebase = rational(base)
		return configure(c)
	}, base)
	if err != nil {
		return decoder{}, err
	}
	if d.packet = C.av_packet_alloc(); d.packet == nil {
		d.close()
		return decoder{}, fmt.Errorf("open the decoder of %s: out of memory", name)
	}
	return d, nil
}

func newDecoder(codec *astiav.Codec, name string, configure func(*astiav.CodecContext) error,
	base astiav.Rational,
) (decoder, error) {
	doing := "open the decoder of " + name
	if codec == nil {
		return decoder{}, fmt.Errorf("%s: %w", doing, ErrNoDecoder)
	}
	silence()
	context := astiav.AllocCodecContext(codec)
	if context == nil {
		return decoder{}, fmt.Errorf("%s: out of memory", doing)
	}
	err := configure(context)
	boundDecoder(context)
	if err == nil {
		err = context.Open(codec, nil)
	}
	if err != nil {
		context.Free()
		return decoder{}, failure(doing, err)
	}
	return decoder{name: name, context: context, base: base}, nil
}

func (d *decoder) c() *C.AVCodecContext { return (*C.AVCodecContext)(d.context.UnsafePointer()) }

func (d *decoder) send(p *Packet) error {
	var packet *astiav.Packet
	if p != nil {
		packet = p.packet
	}
	return failure("decode "+d.name, d.context.SendPacket(packet))
}

func (d *decoder) sendData(data []byte, pts time.Duration) error {
	if d.context == nil {
		return fmt.Errorf("decode %s: %w", d.name, ErrClosed)
	}
	if len(data) == 0 || len(data) > math.MaxInt32/2 {
		return fmt.Errorf("decode %s of %d bytes: %w", d.name, len(data), ErrInvalidData)
	}
	if C.mscp_fill_packet(d.packet, unsafe.Pointer(&data[0]), C.int(len(data))) != 0 {
		return fmt.Errorf("decode %s: out of memory", d.name)
	}
	d.packet.pts = C.int64_t(pts.Microseconds())
	d.packet.dts = d.packet.pts
	result := C.avcodec_send_packet(d.c(), d.packet)
	C.av_packet_unref(d.packet)
	if result < 0 {
		return failure("decode "+d.name, astiav.Error(result))
	}
	return nil
}

func (d *decoder) flush() { C.avcodec_flush_buffers(d.c()) }

func (d *decoder) close() {
	if d.context != nil {
		d.context.Free()
		d.context = nil
	}
	if d.packet != nil {
		C.av_packet_free(&d.packet)
	}
}

func rational(r astiav.Rational) C.AVRational {
	return C.AVRational{num: C.int(r.Num()), den: C.int(r.Den())}
}
