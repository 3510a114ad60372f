package codec_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec/codectest"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

var opusCodec = media.Codec{MimeType: codec.MimeOpus, ClockRate: 48000, Channels: 2}

// spoken are packets of speech, the same in all channels.
func spoken(t *testing.T, c media.Codec, s codec.AudioSettings, seconds int) (packets [][]byte, length time.Duration) {
	t.Helper()
	encoder, _, err := codec.NewAudioEncoder(c, s)
	if err != nil {
		t.Fatal(err)
	}
	defer encoder.Close()
	speech := codectest.Speech(encoder.SampleRate(), seconds*encoder.SampleRate())
	count := int(encoder.FrameDuration().Seconds() * float64(encoder.SampleRate()))
	for at := 0; at+count <= len(speech); at += count {
		piece := make([]int16, 0, count*encoder.Channels())
		for _, sample := range speech[at : at+count] {
			for range encoder.Channels() {
				piece = append(piece, sample)
			}
		}
		packet, err := encoder.Encode(piece)
		if err != nil {
			t.Fatal(err)
		}
		packets = append(packets, packet)
	}
	return packets, encoder.FrameDuration()
}

// heard decodes packets, and conceals those that are lost: what is heard, of the first channel.
func heard(t *testing.T, c media.Codec, packets [][]byte, length time.Duration, lost func(i int) bool) []int16 {
	t.Helper()
	decoder, err := codec.NewAudioDecoder(c)
	if err != nil {
		t.Fatal(err)
	}
	defer decoder.Close()
	var samples []int16
	add := func(frame *media.AudioFrame, err error) {
		if err != nil {
			t.Fatal(err)
		}
		for at := 0; at < len(frame.Samples); at += frame.Channels {
			samples = append(samples, frame.Samples[at])
		}
	}
	missing := 0
	for i, packet := range packets {
		if lost(i) {
			missing++
			continue
		}
		pts := time.Duration(i) * length
		if missing > 0 {
			gap := time.Duration(missing) * length
			add(decoder.Conceal(gap, packet, pts-gap))
			missing = 0
		}
		add(decoder.Decode(packet, pts))
	}
	if missing > 0 {
		add(decoder.Conceal(time.Duration(missing)*length, nil, 0))
	}
	return samples
}

// likeness is how far what was lost is from what it would have been, in dB: 0 is as far as silence, more is nearer.
func likeness(t *testing.T, whole, got []int16, packets int, lost func(i int) bool) float64 {
	t.Helper()
	if len(got) != len(whole) {
		t.Fatalf("%d samples of %d", len(got), len(whole))
	}
	count := len(whole) / packets
	var signal, noise float64
	for i := range packets {
		if !lost(i) {
			continue
		}
		for at := i * count; at < (i+1)*count; at++ {
			want := float64(whole[at])
			signal += want * want
			noise += (want - float64(got[at])) * (want - float64(got[at]))
		}
	}
	return 10 * math.Log10(signal/max(noise, 1))
}

// losing says of each packet whether it is lost, the first ten never.
func losing(share float64, packets int) func(i int) bool {
	random := rand.New(rand.NewPCG(7, 8))
	lost := make([]bool, packets)
	for i := range lost {
		lost[i] = random.Float64() < share && i >= 10
	}
	return func(i int) bool { return lost[i] }
}

func none(int) bool { return false }

func TestWhatIsMissingIsConcealedAndItsLengthIsKept(t *testing.T) {
	multiopus := codec.Supported(media.Audio)[5]
	for _, test := range []struct {
		codec    media.Codec
		settings codec.AudioSettings
		share    float64
		// least is what the likeness is to be, in dB.
		least float64
	}{
		{opusCodec, codec.AudioSettings{FEC: true, Bitrate: 40000}, 0.05, 6},
		{opusCodec, codec.AudioSettings{FEC: true, Bitrate: 40000}, 0.2, 5},
		{opusCodec, codec.AudioSettings{FEC: true, Bitrate: 64000, Stereo: true}, 0.05, 6},
		// Of three pieces in a packet libopus repeats the last.
		{opusCodec, codec.AudioSettings{FEC: true, Bitrate: 40000, PacketDuration: 60 * time.Millisecond}, 0.1, 0},
		{opusCodec, codec.AudioSettings{FEC: true, Bitrate: 48000, PacketDuration: 10 * time.Millisecond}, 0.1, 4},
		{opusCodec, codec.AudioSettings{}, 0.05, 1},
		{opusCodec, codec.AudioSettings{}, 0.2, 1},
		{multiopus, codec.AudioSettings{FEC: true, Bitrate: 300000}, 0.05, 1},
		{media.Codec{MimeType: codec.MimePCMU, ClockRate: 8000}, codec.AudioSettings{}, 0.05, 1},
		{media.Codec{MimeType: codec.MimePCMA, ClockRate: 8000}, codec.AudioSettings{}, 0.2, 1},
		{media.Codec{MimeType: codec.MimeG722, ClockRate: 8000}, codec.AudioSettings{}, 0.05, 1},
	} {
		t.Run(fmt.Sprintf("%s/%d %+v %v", test.codec.MimeType, test.codec.Channels, test.settings, test.share), func(t *testing.T) {
			packets, length := spoken(t, test.codec, test.settings, 10)
			lost := losing(test.share, len(packets))
			whole := heard(t, test.codec, packets, length, none)
			got := likeness(t, whole, heard(t, test.codec, packets, length, lost), len(packets), lost)
			t.Logf("%.1f dB nearer than silence", got)
			if got < test.least {
				t.Errorf("%.1f dB nearer than silence, want %v", got, test.least)
			}
		})
	}
}

func TestInBandFECIsNearerThanAGuess(t *testing.T) {
	packets, length := spoken(t, opusCodec, codec.AudioSettings{FEC: true, Bitrate: 40000}, 10)
	lost := losing(0.1, len(packets))
	whole := heard(t, opusCodec, packets, length, none)
	repeated := likeness(t, whole, heard(t, opusCodec, packets, length, lost), len(packets), lost)
	plain, length := spoken(t, opusCodec, codec.AudioSettings{Bitrate: 40000}, 10)
	whole = heard(t, opusCodec, plain, length, none)
	guessed := likeness(t, whole, heard(t, opusCodec, plain, length, lost), len(packets), lost)
	if repeated < guessed+3 {
		t.Errorf("%.1f dB with FEC, %.1f without", repeated, guessed)
	}
}

// After what can be guessed comes silence, and what follows is whole again.
func TestALongHoleFallsSilent(t *testing.T) {
	for _, c := range []media.Codec{opusCodec, {MimeType: codec.MimePCMA, ClockRate: 8000}, {MimeType: codec.MimeG722, ClockRate: 8000}} {
		packets, length := spoken(t, c, codec.AudioSettings{}, 4)
		from, to := 55, 55+45
		lost := func(i int) bool { return i >= from && i < to }
		whole := heard(t, c, packets, length, none)
		got := heard(t, c, packets, length, lost)
		if len(got) != len(whole) {
			t.Fatalf("%s: %d samples of %d", c.MimeType, len(got), len(whole))
		}
		count := len(whole) / len(packets)
		if begin := energy(got[from*count : (from+1)*count]); begin < energy(whole[from*count:(from+1)*count])/10 {
			t.Errorf("%s: silent at once", c.MimeType)
		}
		if late := energy(got[(from+30)*count : (to-1)*count]); late > 1 {
			t.Errorf("%s: energy of %v after 600 ms", c.MimeType, late)
		}
		if after := energy(got[(to+5)*count:]); after < energy(whole[(to+5)*count:])/2 {
			t.Errorf("%s: energy of %v after the hole", c.MimeType, after)
		}
	}
}

func energy(samples []int16) float64 {
	sum := 0.0
	for _, sample := range samples {
		sum += float64(sample) * float64(sample)
	}
	return sum / float64(len(samples))
}

// What the network may say is no harm: lengths of nothing, packets that are none.
func TestConcealingTakesWhateverComes(t *testing.T) {
	for _, c := range codec.Supported(media.Audio) {
		decoder, err := codec.NewAudioDecoder(c)
		if err != nil {
			t.Fatal(err)
		}
		for _, missing := range []time.Duration{0, -time.Second, 1, time.Millisecond, 7 * time.Millisecond, 333 * time.Millisecond, 3 * time.Second} {
			for _, next := range [][]byte{nil, {}, {0}, {255}, {3, 255}, make([]byte, 2000)} {
				frame, err := decoder.Conceal(missing, next, time.Second)
				if err != nil {
					continue
				}
				var length time.Duration
				if frame != nil {
					length = frame.Duration()
				}
				if off := length - max(missing, 0); off.Abs() > 1250*time.Microsecond {
					t.Errorf("%s: %v for %v, before %d bytes", c.MimeType, length, missing, len(next))
				}
			}
		}
		_ = decoder.Close()
		if _, err := decoder.Conceal(time.Second, nil, 0); !errors.Is(err, codec.ErrClosed) {
			t.Errorf("%s: concealed after close: %v", c.MimeType, err)
		}
	}
}
