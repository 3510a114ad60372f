package generated

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec/codectest"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/frames"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/sound"
)

// format is what sound is written as.
type format struct {
	samples        frames.SampleFormat
	rate, channels int
}

func (f format) String() string {
	return fmt.Sprintf("format %d, %d channels, %d Hz", f.samples, f.channels, f.rate)
}

// amplitude is of the tones below: 12 dB below full.
const amplitude = 0.25

// tone is one in all channels, from a sample on.
func (f format) tone(hz float64, start, count int) *frames.Frame {
	put := func(plane []byte, value float64) []byte {
		switch f.samples {
		case frames.U8, frames.U8Planar:
			return append(plane, byte(math.Round(value*127)+128))
		case frames.S16, frames.S16Planar:
			return binary.LittleEndian.AppendUint16(plane, uint16(int16(value*math.MaxInt16)))
		case frames.S32, frames.S32Planar:
			return binary.LittleEndian.AppendUint32(plane, uint32(int32(value*math.MaxInt32)))
		default:
			return binary.LittleEndian.AppendUint32(plane, math.Float32bits(float32(value)))
		}
	}
	planes, interleaved := make([][]byte, 1), f.channels
	if f.samples.Planar() {
		planes, interleaved = make([][]byte, f.channels), 1
	}
	for i := range count {
		value := amplitude * math.Sin(2*math.Pi*hz*float64(start+i)/float64(f.rate))
		for plane := range planes {
			for range interleaved {
				planes[plane] = put(planes[plane], value)
			}
		}
	}
	return frames.New(frames.Head{
		Kind: frames.KindAudio, Format: float64(f.samples), SampleRate: float64(f.rate), Channels: float64(f.channels),
		Samples: float64(count),
	}, planes, nil)
}

// writeSecond writes a second of a tone in pieces of those sizes in turn, and plays it.
func (f format) writeSecond(t *testing.T, a *Audio, hz float64, sizes ...int) {
	t.Helper()
	for start, i := 0, 0; start < f.rate; i++ {
		count := min(sizes[i%len(sizes)], f.rate-start)
		one := f.tone(hz, start, count)
		if err := a.Write(one); err != nil {
			t.Fatalf("%v: %v", f, err)
		}
		one.Release()
		start += count
		for a.Queued() >= mostQueued/2 {
			a.play(0)
		}
	}
	for a.Queued() > 0 {
		a.play(0)
	}
}

// allFormats are all formats, counts of channels and rates, not each with each. The one behind of 7 becomes two, each
// less loud.
func allFormats() []format {
	var all []format
	channels, rates := []int{1, 2, 3, 4, 5, 6, 8}, []int{8000, 11025, 16000, 22050, 24000, 32000, 44100, 48000, 96000}
	for i := range 72 {
		all = append(all, format{frames.SampleFormat(1 + i%8), rates[i%9], channels[(i/8+i)%7]})
	}
	return all
}

func TestSoundOfEachFormatHasItsPitchAndLevel(t *testing.T) {
	for i, f := range allFormats() {
		a, out := NewAudio(Told{}), &pieces{}
		a.DeliverTo(out)
		tenMs := f.rate / 100
		f.writeSecond(t, a, 1000, [][]int{{tenMs}, {1 + tenMs/7}, {tenMs, 2*tenMs + 1, 1}, {2 * tenMs}, {f.rate / 3}}[i%5]...)
		out.check(t, f, 1000)
		a.Close()
	}
}

func TestFormatsMayChangeFromPieceToPiece(t *testing.T) {
	a, out := NewAudio(Told{}), &pieces{}
	a.DeliverTo(out)
	defer a.Close()
	for _, f := range allFormats() {
		*out = pieces{}
		f.writeSecond(t, a, 600, f.rate/100, f.rate/33)
		// What was heard last of another layout.
		if len(out.all) > 0 && out.all[0].Channels != sound.ChannelsFor(f.channels) {
			out.all = out.all[1:]
		}
		out.check(t, f, 600)
	}
}

func TestWhereLayoutsChangeEachPieceIsWhole(t *testing.T) {
	a, out := NewAudio(Told{}), &pieces{}
	a.DeliverTo(out)
	defer a.Close()
	random := rand.New(rand.NewPCG(1, 2))
	layouts := []int{1, 2, 6}
	for range 1000 {
		one := format{frames.S16, 48000, layouts[random.IntN(3)]}.tone(440, 0, 1+random.IntN(2000))
		if err := a.Write(one); err != nil {
			t.Fatal(err)
		}
		one.Release()
		for range random.IntN(3) {
			a.play(0)
		}
		for a.Queued() > mostQueued/2 {
			a.play(0)
		}
	}
	for i, piece := range out.all {
		if len(piece.Samples) != sound.Rate/50*piece.Channels {
			t.Fatalf("piece %d of %d channels has %d samples", i, piece.Channels, len(piece.Samples))
		}
	}
}

func TestTheRestOfSoundIsHeardBeforeSilence(t *testing.T) {
	other := format{frames.U8, 11025, 2}.tone(440, 0, 1)
	for count := 150; count < 350; count++ {
		a := NewAudio(Told{})
		a.DeliverTo(&heard{})
		if err := a.Write(format{frames.S16, 8000, 1}.tone(440, 0, count)); err != nil {
			t.Fatal(err)
		}
		// Two of sound at the most, with what waits a beat for more, and one of silence.
		for range 4 {
			a.play(0)
		}
		// What another format can follow has given all.
		if a.Queued() > 0 || !a.resampler.Follows(other) {
			t.Errorf("of %d samples some wait for more", count)
		}
		a.Close()
	}
}

// pieces keeps what is delivered, piece by piece.
type pieces struct {
	heard
	all []media.AudioFrame
}

func (p *pieces) DeliverAudio(piece *media.AudioFrame) {
	one := *piece
	one.Samples = append([]int16(nil), piece.Samples...)
	p.all = append(p.all, one)
}

// check looks for a second of a tone in each channel but that of low frequencies.
func (p *pieces) check(t *testing.T, f format, hz float64) {
	t.Helper()
	var samples []int16
	for _, piece := range p.all {
		if want := sound.ChannelsFor(f.channels); piece.Channels != want || len(piece.Samples) != sound.Rate/50*want {
			t.Fatalf("%v: a piece of %d channels with %d samples", f, piece.Channels, len(piece.Samples))
		}
		samples = append(samples, piece.Samples...)
	}
	channels := sound.ChannelsFor(f.channels)
	if got := len(samples) / channels; got < sound.Rate || got > sound.Rate*105/100 {
		t.Errorf("%v: %d samples of a second", f, got)
	}
	for channel := range channels {
		one := make([]int16, 0, sound.Rate)
		for i := channel; i < len(samples); i += channels {
			one = append(one, samples[i])
		}
		// In the middle of the second there is no silence before or after it.
		one = one[sound.Rate/10 : sound.Rate*9/10]
		energy := 0.0
		for _, sample := range one {
			energy += math.Pow(float64(sample)/math.MaxInt16, 2)
		}
		level := math.Sqrt(2 * energy / float64(len(one)))
		if level == 0 && channels > 4 {
			continue
		}
		if math.Abs(20*math.Log10(level/amplitude)) > 1 {
			t.Errorf("%v: channel %d has an amplitude of %.3f", f, channel, level)
		}
		if share := codectest.ToneShare(one, sound.Rate, 1, hz); share < 0.98 {
			t.Errorf("%v: channel %d has %.3f of its energy at %v Hz", f, channel, share, hz)
		}
	}
}
