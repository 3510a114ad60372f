package codectest

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

const tone = 440

// Audio runs the suite on the encoder and the decoder of c.
func Audio(t *testing.T, c media.Codec, s codec.AudioSettings) {
	t.Helper()
	tests := map[string]func(*testing.T, media.Codec, codec.AudioSettings){
		"round trip keeps the tone":               audioRoundTrip,
		"bitrate is obeyed, after a change too":   audioBitrate,
		"wrong input is refused and does no harm": audioWrongInput,
		"garbage does not crash the decoder":      audioGarbage,
		"close twice, and use after it":           audioClose,
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) { test(t, c, s) })
	}
}

func newAudioEncoder(t *testing.T, c media.Codec, s codec.AudioSettings) codec.AudioEncoder {
	t.Helper()
	encoder, name, err := codec.NewAudioEncoder(c, s)
	if err != nil {
		t.Fatal(err)
	}
	if name == "" {
		t.Error("the encoder has no name")
	}
	t.Cleanup(func() { _ = encoder.Close() })
	return encoder
}

func newAudioDecoder(t *testing.T, c media.Codec) codec.AudioDecoder {
	t.Helper()
	decoder, err := codec.NewAudioDecoder(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = decoder.Close() })
	return decoder
}

// piece makes what packet number holds.
func piece(e codec.AudioEncoder, number int) []int16 {
	count := int(e.FrameDuration().Seconds() * float64(e.SampleRate()))
	return Tone(tone, e.SampleRate(), e.Channels(), number*count, count)
}

func encodeAudio(t *testing.T, e codec.AudioEncoder, number int) []byte {
	t.Helper()
	data, err := e.Encode(piece(e, number))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func audioRoundTrip(t *testing.T, c media.Codec, s codec.AudioSettings) {
	encoder, decoder := newAudioEncoder(t, c, s), newAudioDecoder(t, c)
	var samples []int16
	var rate, channels int
	for i := range 50 {
		pts := time.Duration(i) * encoder.FrameDuration()
		frame, err := decoder.Decode(encodeAudio(t, encoder, i), pts)
		if err != nil {
			t.Fatal(err)
		}
		if frame == nil {
			continue
		}
		rate, channels = frame.SampleRate, frame.Channels
		samples = append(samples, frame.Samples...)
	}
	if got := len(samples) / max(channels, 1); math.Abs(float64(got-rate)) > float64(rate)/50 {
		t.Fatalf("%d samples of a second at %d Hz", got, rate)
	}
	// The start is left to the codec's delay.
	samples = samples[len(samples)/5/channels*channels:]
	if share := ToneShare(samples, rate, channels, tone); share < 0.95 {
		t.Errorf("%.2f of the energy at %d Hz", share, tone)
	}
	if share := ToneShare(samples, rate, channels, 2*tone); share > 0.02 {
		t.Errorf("%.2f of the energy at the wrong pitch", share)
	}
}

func audioBitrate(t *testing.T, c media.Codec, s codec.AudioSettings) {
	encoder := newAudioEncoder(t, c, s)
	run := func() float64 {
		bytes := 0
		for i := range 100 {
			bytes += len(encodeAudio(t, encoder, i))
		}
		return float64(bytes) * 8 / 2
	}
	run()
	for _, bitrate := range []int{64_000, 24_000} {
		bitrate *= (encoder.Channels() + 1) / 2
		if err := encoder.SetBitrate(bitrate); err != nil {
			t.Fatal(err)
		}
		want := float64(bitrate)
		if c.ClockRate == 8000 {
			// G.711 is constant.
			want = 64_000
		}
		if got := run(); got > want*1.15 || got < want*0.5 {
			t.Errorf("%.0f bit/s, want %.0f", got, want)
		}
	}
}

func audioWrongInput(t *testing.T, c media.Codec, s codec.AudioSettings) {
	encoder := newAudioEncoder(t, c, s)
	whole := piece(encoder, 0)
	for _, samples := range [][]int16{nil, whole[:1], whole[:len(whole)-1], append(whole, 0)} {
		if _, err := encoder.Encode(samples); err == nil {
			t.Errorf("%d samples: no error", len(samples))
		}
	}
	if encoder.SetBitrate(0) == nil || encoder.SetBitrate(-1) == nil {
		t.Error("wrong bitrate: no error")
	}
	if len(encodeAudio(t, encoder, 0)) == 0 {
		t.Error("no packet after wrong input")
	}
	if _, err := newAudioDecoder(t, c).Decode(nil, 0); err == nil {
		t.Error("nothing decoded without an error")
	}
}

func audioGarbage(t *testing.T, c media.Codec, s codec.AudioSettings) {
	encoder, decoder := newAudioEncoder(t, c, s), newAudioDecoder(t, c)
	random := rand.New(rand.NewPCG(3, 4))
	for range 500 {
		noise := make([]byte, 1+random.IntN(400))
		for j := range noise {
			noise[j] = byte(random.Uint32())
		}
		_, _ = decoder.Decode(noise, 0)
	}
	for i := range 5 {
		frame, err := decoder.Decode(encodeAudio(t, encoder, i), 0)
		if err != nil {
			t.Fatal(err)
		}
		if i == 4 && (frame == nil || len(frame.Samples) == 0) {
			t.Error("no sound after garbage")
		}
	}
}

func audioClose(t *testing.T, c media.Codec, s codec.AudioSettings) {
	encoder, decoder := newAudioEncoder(t, c, s), newAudioDecoder(t, c)
	data := encodeAudio(t, encoder, 0)
	for range 2 {
		if err := encoder.Close(); err != nil {
			t.Error(err)
		}
		if err := decoder.Close(); err != nil {
			t.Error(err)
		}
	}
	if _, err := encoder.Encode(piece(encoder, 0)); err == nil {
		t.Error("encoded after close")
	}
	if encoder.SetBitrate(24_000) == nil {
		t.Error("bitrate set after close")
	}
	if _, err := decoder.Decode(data, 0); err == nil {
		t.Error("decoded after close")
	}
}
