package av

// #include "layout.h"
// #include <libavutil/frame.h>
// #include <libavutil/mem.h>
// #include <libswresample/swresample.h>
//
// // Nobody knows what the channels stand for: each goes to one that there is, all as loud.
// static int mscp_mix_all(SwrContext *c, int from, int to) {
//   double *matrix = c ? av_calloc((size_t)from * to, sizeof(*matrix)) : NULL;
//   if (!matrix) return AVERROR(ENOMEM);
//   for (int i = 0; i < from; i++) matrix[(i % to) * from + i] = 1.0 / ((from + to - 1) / to);
//   int result = swr_set_matrix(c, matrix, from);
//   av_free(matrix);
//   return result < 0 ? result : swr_init(c);
// }
//
// static SwrContext *mscp_resampler(const AVChannelLayout *from, int format, int rate,
//                                   int to_channels, int to_rate) {
//   SwrContext *c = NULL;
//   AVChannelLayout in = {0}, out = {0};
//   // A layout that only counts channels can't be mixed: the usual one of that count can.
//   if (from->order == AV_CHANNEL_ORDER_UNSPEC)
//     mscp_usual_layout(&in, from->nb_channels);
//   else if (av_channel_layout_copy(&in, from) < 0)
//     return NULL;
//   mscp_usual_layout(&out, to_channels);
//   int result = swr_alloc_set_opts2(&c, &out, AV_SAMPLE_FMT_S16, to_rate, &in, format, rate, 0, NULL);
//   // By itself it makes one channel softer by 3 dB in two; the Web Audio API has it as loud in both.
//   static const double both[] = {1, 1};
//   if (result >= 0 && in.nb_channels == 1 && to_channels == 2) result = swr_set_matrix(c, both, 1);
//   if (result >= 0) result = swr_init(c);
//   if (result < 0) result = mscp_mix_all(c, in.nb_channels, to_channels);
//   if (result < 0) swr_free(&c);
//   av_channel_layout_uninit(&in);
//   return c;
// }
//
// static int mscp_resample_frame(SwrContext *c, const AVFrame *f, void *out, int space) {
//   uint8_t *to = out;
//   return swr_convert(c, &to, space, (const uint8_t **)f->extended_data, f->nb_samples);
// }
//
// static int mscp_resample_planes(SwrContext *c, const void *const *in, int count, void *out, int space) {
//   uint8_t *to = out;
//   return swr_convert(c, &to, space, (const uint8_t **)in, count);
// }
//
// static int mscp_resample_samples(SwrContext *c, const void *in, int count, void *out, int space) {
//   const uint8_t *from = in;
//   uint8_t *to = out;
//   return swr_convert(c, &to, space, in ? &from : NULL, count);
// }
import "C"

import (
	"errors"
	"fmt"
	"runtime"
	"unsafe"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/frames"
)

// Resampler makes any sound interleaved 16-bit of one rate and count of
// channels, in the order of FFmpeg's layouts: mono, stereo, quad, 5.1, 7.1.
type Resampler struct {
	rate, channels int
	context        *C.SwrContext
	// from is what context was made for.
	from soundFormat
	out  []int16
}

type soundFormat struct {
	rate, channels, format int
	layout                 C.uint64_t
}

// NewResampler makes a resampler; Close releases it.
func NewResampler(rate, channels int) *Resampler {
	return &Resampler{rate: rate, channels: channels}
}

// Convert gives what came of the sound, lent until the next call. Some of it
// may come with the next sound only.
func (r *Resampler) Convert(s *Sound) ([]int16, error) {
	frame := (*C.AVFrame)(s.frame.UnsafePointer())
	from := soundFormat{rate: s.SampleRate, channels: s.Channels, format: int(frame.format)}
	if frame.ch_layout.order == C.AV_CHANNEL_ORDER_NATIVE {
		from.layout = *(*C.uint64_t)(unsafe.Pointer(&frame.ch_layout.u))
	}
	if err := r.prepare(from, &frame.ch_layout); err != nil {
		return nil, err
	}
	space := r.space(int(frame.nb_samples))
	n := C.mscp_resample_frame(r.context, frame, unsafe.Pointer(&r.out[0]), C.int(space))
	return r.result(n)
}

// ConvertSamples is Convert of interleaved samples.
func (r *Resampler) ConvertSamples(samples []int16, rate, channels int) ([]int16, error) {
	if len(samples) == 0 {
		return nil, nil
	}
	layout := C.AVChannelLayout{order: C.AV_CHANNEL_ORDER_UNSPEC, nb_channels: C.int(channels)}
	from := interleaved(rate, channels)
	if err := r.prepare(from, &layout); err != nil {
		return nil, err
	}
	count := len(samples) / channels
	space := r.space(count)
	n := C.mscp_resample_samples(r.context, unsafe.Pointer(&samples[0]), C.int(count),
		unsafe.Pointer(&r.out[0]), C.int(space))
	return r.result(n)
}

// ConvertFrame is Convert of a frame of package frames. What is of another kind than the sound before is not joined
// with it: Flush gives the rest of that first.
func (r *Resampler) ConvertFrame(f *frames.Frame) ([]int16, error) {
	from, count, err := soundOf(f)
	if err != nil || count == 0 {
		return nil, err
	}
	layout := C.AVChannelLayout{order: C.AV_CHANNEL_ORDER_UNSPEC, nb_channels: C.int(from.channels)}
	if err := r.prepare(from, &layout); err != nil {
		return nil, err
	}
	var pins runtime.Pinner
	defer pins.Unpin()
	planes := make([]unsafe.Pointer, len(f.Planes))
	for i, plane := range f.Planes {
		planes[i] = unsafe.Pointer(unsafe.SliceData(plane))
		pins.Pin(unsafe.SliceData(plane))
	}
	space := r.space(count)
	n := C.mscp_resample_planes(r.context, &planes[0], C.int(count), unsafe.Pointer(&r.out[0]), C.int(space))
	return r.result(n)
}

// Follows says that f goes on as the sound before it was, or is the first.
func (r *Resampler) Follows(f *frames.Frame) bool {
	from, _, err := soundOf(f)
	return err == nil && (r.context == nil || r.from == from)
}

func interleaved(rate, channels int) soundFormat {
	return soundFormat{rate: rate, channels: channels, format: C.AV_SAMPLE_FMT_S16}
}

// FollowsSamples is Follows of interleaved samples.
func (r *Resampler) FollowsSamples(rate, channels int) bool {
	return r.context == nil || r.from == interleaved(rate, channels)
}

// Flush gives what is left of the sound; what comes next begins anew.
func (r *Resampler) Flush() ([]int16, error) {
	if r.context == nil {
		return nil, nil
	}
	space := r.space(0)
	n := C.mscp_resample_samples(r.context, nil, 0, unsafe.Pointer(&r.out[0]), C.int(space))
	r.Close()
	return r.result(n)
}

// CheckSound tells what is wrong with a frame that ConvertFrame is to be given.
func CheckSound(f *frames.Frame) error {
	_, _, err := soundOf(f)
	return err
}

// sampleFormats are FFmpeg's of those of package frames.
var sampleFormats = map[frames.SampleFormat]int{
	frames.U8: C.AV_SAMPLE_FMT_U8, frames.S16: C.AV_SAMPLE_FMT_S16, frames.S32: C.AV_SAMPLE_FMT_S32,
	frames.F32: C.AV_SAMPLE_FMT_FLT, frames.U8Planar: C.AV_SAMPLE_FMT_U8P, frames.S16Planar: C.AV_SAMPLE_FMT_S16P,
	frames.S32Planar: C.AV_SAMPLE_FMT_S32P, frames.F32Planar: C.AV_SAMPLE_FMT_FLTP,
}

// soundOf is the format of a frame, and how many samples of each channel it has.
func soundOf(f *frames.Frame) (soundFormat, int, error) {
	format := frames.SampleFormat(f.Format)
	kind, known := sampleFormats[format]
	rate, channels, count := int(f.SampleRate), int(f.Channels), int(f.Samples)
	if f.Kind != frames.KindAudio || !known || rate < 1000 || rate > 768_000 || channels < 1 || channels > 8 {
		return soundFormat{}, 0, fmt.Errorf("%w: sound of %d channels, %d Hz and format %v", frames.ErrFormat, channels, rate, f.Format)
	}
	planes, size := 1, count*channels*format.Bytes()
	if format.Planar() {
		planes, size = channels, count*format.Bytes()
	}
	if len(f.Planes) != planes {
		return soundFormat{}, 0, fmt.Errorf("%w: %d planes of sound", frames.ErrFormat, len(f.Planes))
	}
	for _, plane := range f.Planes {
		if count < 0 || len(plane) < size {
			return soundFormat{}, 0, fmt.Errorf("%w: %d samples in %d bytes", frames.ErrSize, count, len(plane))
		}
	}
	return soundFormat{rate: rate, channels: channels, format: kind}, count, nil
}

func (r *Resampler) prepare(from soundFormat, layout *C.AVChannelLayout) error {
	if r.context != nil && r.from == from {
		return nil
	}
	r.Close()
	r.context = C.mscp_resampler(layout, C.int(from.format), C.int(from.rate),
		C.int(r.channels), C.int(r.rate))
	if r.context == nil {
		return fmt.Errorf("no way from sound of %d Hz with %d channels to %d Hz with %d",
			from.rate, from.channels, r.rate, r.channels)
	}
	r.from = from
	return nil
}

// space makes room for all that count samples can give.
func (r *Resampler) space(count int) int {
	space := int(C.swr_get_out_samples(r.context, C.int(count))) + 1
	if len(r.out) < space*r.channels {
		r.out = make([]int16, space*r.channels)
	}
	return space
}

func (r *Resampler) result(n C.int) ([]int16, error) {
	if n < 0 {
		return nil, errors.New("resample: refused")
	}
	return r.out[:int(n)*r.channels], nil
}

// Close may be called twice. Convert after it starts afresh.
func (r *Resampler) Close() {
	if r.context != nil {
		C.swr_free(&r.context)
	}
}
