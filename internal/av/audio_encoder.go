package av

// #include <libavcodec/avcodec.h>
// #include <string.h>
import "C"

import (
	"fmt"
	"unsafe"

	"github.com/asticode/go-astiav"
)

// AudioEncoder is one of FFmpeg's encoders of 16-bit mono sound.
type AudioEncoder struct {
	name    string
	context *astiav.CodecContext
	frame   *astiav.Frame
	packet  *C.AVPacket
	samples int
}

// NewAudioEncoder encodes pieces of that many samples. The name is FFmpeg's.
func NewAudioEncoder(name string, sampleRate, samples int) (*AudioEncoder, error) {
	doing := "open the encoder of " + name
	codec := astiav.FindEncoderByName(name)
	if codec == nil {
		return nil, fmt.Errorf("%s: %w", doing, ErrNoDecoder)
	}
	silence()
	e := &AudioEncoder{
		name: name, samples: samples,
		context: astiav.AllocCodecContext(codec), frame: astiav.AllocFrame(), packet: C.av_packet_alloc(),
	}
	if e.context == nil || e.frame == nil || e.packet == nil {
		e.Close()
		return nil, fmt.Errorf("%s: out of memory", doing)
	}
	e.context.SetSampleRate(sampleRate)
	e.context.SetChannelLayout(astiav.ChannelLayoutMono)
	e.context.SetSampleFormat(astiav.SampleFormatS16)
	e.context.SetTimeBase(astiav.NewRational(1, sampleRate))
	e.frame.SetSampleRate(sampleRate)
	e.frame.SetChannelLayout(astiav.ChannelLayoutMono)
	e.frame.SetSampleFormat(astiav.SampleFormatS16)
	e.frame.SetNbSamples(samples)
	err := e.context.Open(codec, nil)
	if err == nil {
		err = e.frame.AllocBuffer(0)
	}
	if err != nil {
		e.Close()
		return nil, failure(doing, err)
	}
	return e, nil
}

// Encode takes as many samples as New was told.
func (e *AudioEncoder) Encode(samples []int16) ([]byte, error) {
	if e.context == nil {
		return nil, fmt.Errorf("encode %s: %w", e.name, ErrClosed)
	}
	if len(samples) != e.samples {
		return nil, fmt.Errorf("encode %s: %d samples where %d are taken at a time",
			e.name, len(samples), e.samples)
	}
	if err := e.frame.MakeWritable(); err != nil {
		return nil, failure("encode "+e.name, err)
	}
	frame := (*C.AVFrame)(e.frame.UnsafePointer())
	C.memcpy(unsafe.Pointer(frame.data[0]), unsafe.Pointer(&samples[0]), C.size_t(2*len(samples)))
	if err := e.context.SendFrame(e.frame); err != nil {
		return nil, failure("encode "+e.name, err)
	}
	if result := C.avcodec_receive_packet((*C.AVCodecContext)(e.context.UnsafePointer()), e.packet); result < 0 {
		return nil, failure("encode "+e.name, astiav.Error(result))
	}
	defer C.av_packet_unref(e.packet)
	return C.GoBytes(unsafe.Pointer(e.packet.data), e.packet.size), nil
}

// Close may be called twice.
func (e *AudioEncoder) Close() {
	if e.context != nil {
		e.context.Free()
		e.context = nil
	}
	if e.frame != nil {
		e.frame.Free()
		e.frame = nil
	}
	if e.packet != nil {
		C.av_packet_free(&e.packet)
	}
}
