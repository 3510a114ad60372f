// Package codectest is what every encoder and decoder has to pass, and the
// pictures and tones that show it.
package codectest

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

const (
	width     = 320
	height    = 240
	framerate = 30
	// leastPSNR in dB is what nobody takes for wrong colours or blocks.
	leastPSNR = 30
)

// subject is a codec, and what prefers hardware for it, as in codec.VideoSettings.
type subject struct {
	media.Codec
	hardware func(name string, refused error)
}

// Video runs the suite on the encoder and the decoder of c.
func Video(t *testing.T, c media.Codec) {
	t.Helper()
	video(t, subject{Codec: c})
}

// HardwareVideo is the same, with an encoder that prefers hardware.
func HardwareVideo(t *testing.T, c media.Codec, hardware func(name string, refused error)) {
	t.Helper()
	video(t, subject{c, hardware})
}

func video(t *testing.T, c subject) {
	t.Helper()
	tests := map[string]func(*testing.T, subject){
		"round trip keeps the picture":              videoRoundTrip,
		"keyframes come first and on request only":  videoKeyframes,
		"bitrate is obeyed, after a change too":     videoBitrate,
		"size may change":                           videoSizes,
		"lent planes with a stride are read right":  videoStride,
		"wrong input is refused and does no harm":   videoWrongInput,
		"garbage does not crash the decoder":        videoGarbage,
		"close twice, and use after it":             videoClose,
		"times that stand still or jump do no harm": videoTimes,
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) { test(t, c) })
	}
}

func newVideoEncoder(t *testing.T, c subject, bitrate int) codec.VideoEncoder {
	t.Helper()
	encoder, name, err := codec.NewVideoEncoder(c.Codec,
		codec.VideoSettings{Framerate: framerate, Bitrate: bitrate, Hardware: c.hardware})
	if err != nil {
		t.Fatal(err)
	}
	if name == "" {
		t.Error("the encoder has no name")
	}
	t.Cleanup(func() { _ = encoder.Close() })
	return encoder
}

func newVideoDecoder(t *testing.T, c media.Codec) codec.VideoDecoder {
	t.Helper()
	decoder, err := codec.NewVideoDecoder(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = decoder.Close() })
	return decoder
}

// encode fails the test on an error; the data may be empty.
func encode(t *testing.T, e codec.VideoEncoder, frame *media.VideoFrame, force bool) ([]byte, bool) {
	t.Helper()
	data, keyframe, err := e.Encode(frame, force)
	if err != nil {
		t.Fatal(err)
	}
	return data, keyframe
}

// decode wants exactly one picture.
func decode(t *testing.T, d codec.VideoDecoder, data []byte, pts time.Duration) *media.VideoFrame {
	t.Helper()
	frames, err := d.Decode(data, pts)
	if err != nil {
		t.Fatal(err)
	}
	if len(frames) != 1 {
		t.Fatalf("%d pictures of one access unit", len(frames))
	}
	t.Cleanup(frames[0].Release)
	return frames[0]
}

func videoRoundTrip(t *testing.T, c subject) {
	encoder, decoder := newVideoEncoder(t, c, 2_000_000), newVideoDecoder(t, c.Codec)
	for i := range 30 {
		frame := Bars(width, height, i)
		data, _ := encode(t, encoder, frame, false)
		if len(data) == 0 {
			continue
		}
		got := decode(t, decoder, data, frame.PTS)
		if psnr := PSNR(frame, got); psnr < leastPSNR {
			t.Errorf("picture %d: PSNR %.1f dB, want %d", i, psnr, leastPSNR)
		}
		if got.PTS != frame.PTS.Truncate(time.Microsecond) {
			t.Errorf("picture %d: PTS %v, want %v", i, got.PTS, frame.PTS)
		}
	}
}

func videoKeyframes(t *testing.T, c subject) {
	encoder := newVideoEncoder(t, c, 1_000_000)
	for i := range 300 {
		force := i == 100 || i == 200
		data, keyframe := encode(t, encoder, Bars(width, height, i), force)
		if want := i == 0 || force; keyframe != want {
			t.Fatalf("picture %d: keyframe %v, want %v (%d bytes)", i, keyframe, want, len(data))
		}
		if !keyframe {
			continue
		}
		// A decoder that starts here sees the picture.
		got := decode(t, newVideoDecoder(t, c.Codec), data, 0)
		if psnr := PSNR(Bars(width, height, i), got); psnr < leastPSNR-3 {
			t.Errorf("keyframe %d: PSNR %.1f dB", i, psnr)
		}
	}
}

func videoBitrate(t *testing.T, c subject) {
	const before, after = 800_000, 250_000
	encoder := newVideoEncoder(t, c, before)
	still := Noise(width, height, 1)
	number := 0
	run := func(seconds int) float64 {
		bytes := 0
		for range seconds * framerate {
			data, _ := encode(t, encoder, texture(still, number), false)
			bytes += len(data)
			number++
		}
		return float64(bytes) * 8 / float64(seconds)
	}
	check := func(got, want float64) {
		t.Helper()
		if got < want*0.6 || got > want*1.25 {
			t.Errorf("%.0f bit/s, want %.0f", got, want)
		}
	}
	run(2)
	check(run(4), before)
	if err := encoder.SetBitrate(after); err != nil {
		t.Fatal(err)
	}
	run(2)
	check(run(4), after)
}

// texture moves still, which has as much detail as needs more bits than there are.
func texture(still *media.VideoFrame, number int) *media.VideoFrame {
	f := Bars(width, height, number)
	for y := range height {
		row, noise := f.Y[y*f.YStride:][:width], still.Y[y*still.YStride:][:width]
		from := number % width
		copy(row[:width-from], noise[from:])
		copy(row[width-from:], noise[:from])
	}
	return f
}

func videoSizes(t *testing.T, c subject) {
	encoder, decoder := newVideoEncoder(t, c, 0), newVideoDecoder(t, c.Codec)
	sizes := [][2]int{{320, 240}, {16, 16}, {642, 358}, {320, 240}, {240, 320}, {1280, 720}}
	for i, size := range sizes {
		for j := range 2 {
			frame := Bars(size[0], size[1], i*2+j)
			data, keyframe := encode(t, encoder, frame, false)
			if j == 0 && !keyframe {
				t.Fatalf("no keyframe at the change to %v", size)
			}
			if len(data) == 0 {
				continue
			}
			got := decode(t, decoder, data, frame.PTS)
			if got.Width != size[0] || got.Height != size[1] {
				t.Fatalf("%dx%d, want %v", got.Width, got.Height, size)
			}
			if psnr := PSNR(frame, got); psnr < 25 && size[0] > 16 {
				t.Errorf("%v: PSNR %.1f dB", size, psnr)
			}
		}
	}
}

func videoStride(t *testing.T, c subject) {
	plain := Bars(width, height, 5)
	wide := &media.VideoFrame{
		Width: width, Height: height, YStride: width + 64, UVStride: width/2 + 32, PTS: plain.PTS,
	}
	spread := func(from []byte, width, stride, height int) []byte {
		// The last row ends with the picture.
		to := make([]byte, stride*(height-1)+width)
		for y := range height {
			copy(to[y*stride:], from[y*width:(y+1)*width])
		}
		return to
	}
	wide.Y = spread(plain.Y, width, wide.YStride, height)
	wide.U = spread(plain.U, width/2, wide.UVStride, height/2)
	wide.V = spread(plain.V, width/2, wide.UVStride, height/2)
	recycled := 0
	wide.Lend(func(*media.VideoFrame) { recycled++ })

	data, _ := encode(t, newVideoEncoder(t, c, 2_000_000), wide, false)
	if got := decode(t, newVideoDecoder(t, c.Codec), data, 0); PSNR(plain, got) < leastPSNR {
		t.Errorf("PSNR %.1f dB", PSNR(plain, got))
	}
	if recycled != 0 {
		t.Error("the encoder released a frame that is not its own")
	}
}

func videoWrongInput(t *testing.T, c subject) {
	encoder := newVideoEncoder(t, c, 0)
	short := Bars(width, height, 0)
	short.V = short.V[:10]
	for name, frame := range map[string]*media.VideoFrame{
		"nil": nil, "empty": {}, "short": short,
		"odd": Bars(321, 241, 0), "tiny": Bars(2, 2, 0), "huge": {Width: 1 << 20, Height: 1 << 20},
	} {
		if _, _, err := encoder.Encode(frame, false); err == nil {
			t.Errorf("%s picture: no error", name)
		}
	}
	for _, bitrate := range []int{0, -1} {
		if encoder.SetBitrate(bitrate) == nil {
			t.Errorf("bitrate %d: no error", bitrate)
		}
	}
	if data, keyframe := encode(t, encoder, Bars(width, height, 0), false); len(data) == 0 || !keyframe {
		t.Error("no keyframe after wrong input")
	}
	decoder := newVideoDecoder(t, c.Codec)
	if _, err := decoder.Decode(nil, 0); err == nil {
		t.Error("nothing decoded without an error")
	}
}

func videoGarbage(t *testing.T, c subject) {
	encoder, decoder := newVideoEncoder(t, c, 0), newVideoDecoder(t, c.Codec)
	random := rand.New(rand.NewPCG(1, 2))
	release := func(frames []*media.VideoFrame) {
		for _, frame := range frames {
			frame.Release()
		}
	}
	failed := 0
	for i := range 200 {
		noise := make([]byte, 1+random.IntN(2000))
		for j := range noise {
			noise[j] = byte(random.Uint32())
		}
		frames, err := decoder.Decode(noise, 0)
		if err != nil {
			failed++
		}
		release(frames)

		// Damage in the middle of a real stream, and a part of it missing.
		data, _ := encode(t, encoder, Bars(width, height, i), i%20 == 0)
		if len(data) > 0 && i%3 == 0 {
			data[random.IntN(len(data))] ^= 0xff
		}
		if len(data) > 0 && i%7 == 0 {
			data = data[:1+random.IntN(len(data))]
		}
		if len(data) > 0 {
			frames, _ = decoder.Decode(data, 0)
			release(frames)
		}
	}
	if failed == 0 {
		t.Error("no garbage gave an error")
	}
	data, _ := encode(t, encoder, Bars(width, height, 0), true)
	if frames, err := decoder.Decode(data, 0); err != nil || len(frames) == 0 {
		t.Errorf("no picture of a keyframe after garbage: %v", err)
	} else {
		release(frames)
	}
}

func videoClose(t *testing.T, c subject) {
	encoder, decoder := newVideoEncoder(t, c, 0), newVideoDecoder(t, c.Codec)
	frame := Bars(width, height, 0)
	data, _ := encode(t, encoder, frame, false)
	picture := decode(t, decoder, data, 0)
	for range 2 {
		if err := encoder.Close(); err != nil {
			t.Error(err)
		}
		if err := decoder.Close(); err != nil {
			t.Error(err)
		}
	}
	if PSNR(frame, picture) < 25 {
		t.Error("a picture that is still held changed with the decoder's end")
	}
	if _, _, err := encoder.Encode(frame, false); err == nil {
		t.Error("encoded after close")
	}
	if encoder.SetBitrate(100_000) == nil {
		t.Error("bitrate set after close")
	}
	if _, err := decoder.Decode(data, 0); err == nil {
		t.Error("decoded after close")
	}
}

func videoTimes(t *testing.T, c subject) {
	encoder, decoder := newVideoEncoder(t, c, 0), newVideoDecoder(t, c.Codec)
	times := []time.Duration{0, 0, time.Second, time.Second / 2, time.Hour, time.Hour + 1, 0}
	for i, pts := range times {
		frame := Bars(width, height, i)
		frame.PTS = pts
		data, _ := encode(t, encoder, frame, false)
		if len(data) > 0 {
			decode(t, decoder, data, pts)
		}
	}
}
