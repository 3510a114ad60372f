package source_test

import (
	"crypto/md5" //nolint:gosec // what FFmpeg's framemd5 prints
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec/codectest"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source"
)

var multiopus = map[int]media.Codec{
	4: {Parameters: "channel_mapping=0,1,2,3;coupled_streams=2;num_streams=2"},
	6: {Parameters: "channel_mapping=0,4,1,2,3,5;coupled_streams=2;num_streams=4"},
	8: {Parameters: "channel_mapping=0,6,1,2,3,4,5,7;coupled_streams=3;num_streams=5"},
}

func multiopusOf(channels int) media.Codec {
	c := multiopus[channels]
	c.MimeType, c.ClockRate, c.Channels = "audio/multiopus", 48000, uint16(channels) //nolint:gosec // 4, 6 or 8
	return c
}

// channelTones is sound with a tone of its own in each channel of an FFmpeg layout.
func channelTones(layout string, channels int) []string {
	var tones []string
	for channel := range channels {
		tones = append(tones, fmt.Sprintf("0.3*sin(2*PI*%g*t)", channelTone(channel)))
	}
	return []string{"-f", "lavfi", "-i", fmt.Sprintf("aevalsrc='%s':c=%s:s=48000", strings.Join(tones, "|"), layout)}
}

func opusClip(t *testing.T, layout string, channels int, extension string) string {
	t.Helper()
	return clip(t, fmt.Sprintf("many-%d.%s", channels, extension), channelTones(layout, channels),
		[]string{"-c:a", "libopus", "-mapping_family", "1", "-b:a", "256k"}, length("0.6"))
}

func channelTone(channel int) float64 { return 300 + 200*float64(channel) }

func TestPassedOpusOfManyChannelsIsThatOfTheFile(t *testing.T) {
	for layout, channels := range map[string]int{"quad": 4, "5.1": 6, "7.1": 8} {
		for _, extension := range []string{"opus", "mka", "mp4"} {
			t.Run(layout+" "+extension, func(t *testing.T) {
				t.Parallel()
				path := opusClip(t, layout, channels, extension)
				want := packetSums(t, path, "a")
				frames := passThrough(t, source.Spec{Value: path, Decode: forced}, multiopusOf(channels))
				if len(frames) != len(want) {
					t.Fatalf("%d frames of %d packets", len(frames), len(want))
				}
				for i, frame := range frames {
					if sum := md5.Sum(frame.Data); hex.EncodeToString(sum[:]) != want[i] { //nolint:gosec // see above
						t.Fatalf("frame %d differs", i)
					}
				}
			})
		}
	}
	path := opusClip(t, "5.1", 6, "opus")
	for name, c := range map[string]media.Codec{
		"of another count":   multiopusOf(8),
		"of another mapping": {MimeType: "audio/multiopus", ClockRate: 48000, Channels: 6, Parameters: "channel_mapping=0,1,2,3,4,5;coupled_streams=2;num_streams=4"},
	} {
		_, err := firstEncoder(t, source.Spec{Value: path, Decode: forced}, c)
		if !errors.Is(err, source.ErrNotSupported) || !strings.Contains(err.Error(), "its Opus has 6 channels in 4 streams") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Each channel of a source is where it was, whatever the container calls it; what
// has fewer is filled with silence.
func TestSoundOfManyChannelsIsEncodedInTheirOrder(t *testing.T) {
	for name, test := range map[string]struct {
		layout   string
		channels int
		to       int
		// heard is the source's channel that is heard in each, -1 for silence.
		heard []int
	}{
		"quad": {"quad", 4, 4, []int{0, 1, 2, 3}},
		"5.1":  {"5.1", 6, 6, []int{0, 1, 2, 3, 4, 5}},
		"side": {"5.1(side)", 6, 6, []int{0, 1, 2, 3, 4, 5}},
		"7.1":  {"7.1", 8, 8, []int{0, 1, 2, 3, 4, 5, 6, 7}},
		"up":   {"stereo", 2, 6, []int{0, 1, -1, -1, -1, -1}},
		"mono": {"mono", 1, 6, []int{-1, -1, 0, -1, -1, -1}},
		"5.0":  {"5.0", 5, 6, []int{0, 1, 2, -1, 3, 4}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := clip(t, "tones-"+name+".flac", channelTones(test.layout, test.channels), length("1.2"))
			sound := decodedChannels(t, path, multiopusOf(test.to))
			for channel, from := range test.heard {
				samples := sound[channel]
				if from < 0 {
					if level := media.AudioLevel(samples); level < 60 {
						t.Errorf("channel %d is not silent: -%d dBov", channel, level)
					}
					continue
				}
				if share := codectest.ToneShare(samples, 48000, 1, channelTone(from)); share < 0.85 {
					t.Errorf("%.2f of channel %d is the tone of %d", share, channel, from)
				}
			}
		})
	}
}

// What asks for less mixes it: as before there was anything that took more.
func TestSoundOfManyChannelsIsMixedToStereo(t *testing.T) {
	path := clip(t, "tones-mix.flac", channelTones("5.1", 6), length("1.2"))
	f := newFixture(t)
	opened := f.open(t, source.Spec{Value: path}, true, false)
	came := newCollector()
	attach(t, opened.Audio, opus, media.EncodingSettings{Stereo: true}, came)
	came.wait(t, 50, patience)
	samples := decodedSamples(t, opus, came.snapshot())
	// The left side has the front left, centre and back left; not the others.
	for channel, heard := range []bool{true, false, true, false, true, false} {
		if share := codectest.ToneShare(samples[0], 48000, 1, channelTone(channel)); share > 0.1 != heard {
			t.Errorf("%.2f of the left side is channel %d", share, channel)
		}
	}
}

// decodedChannels are the channels of a second of a source, in FFmpeg's order.
func decodedChannels(t *testing.T, path string, c media.Codec) [][]int16 {
	t.Helper()
	f := newFixture(t)
	opened := f.open(t, source.Spec{Value: path}, true, false)
	came := newCollector()
	attach(t, opened.Audio, c, media.EncodingSettings{}, came)
	came.wait(t, 50, patience)
	return decodedSamples(t, c, came.snapshot())
}

func decodedSamples(t *testing.T, c media.Codec, packets []*media.EncodedFrame) [][]int16 {
	t.Helper()
	decoder, err := codec.NewAudioDecoder(c)
	if err != nil {
		t.Fatal(err)
	}
	defer decoder.Close()
	var channels [][]int16
	for i, packet := range packets {
		frame, err := decoder.Decode(packet.Data, packet.PTS)
		if err != nil {
			t.Fatal(err)
		}
		// The first ones are of the codec's delay.
		if frame == nil || i < 10 {
			continue
		}
		if channels == nil {
			channels = make([][]int16, frame.Channels)
		}
		for at, sample := range frame.Samples {
			channels[at%frame.Channels] = append(channels[at%frame.Channels], sample)
		}
	}
	return channels
}
