package codec_test

import (
	"errors"
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec/codectest"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// Each channel has a tone of its own, and keeps it.
func TestMultiopusKeepsChannelsApart(t *testing.T) {
	for _, c := range codec.Supported(media.Audio) {
		if c.MimeType != codec.MimeMultiopus {
			continue
		}
		encoder, name, err := codec.NewAudioEncoder(c, codec.AudioSettings{})
		if err != nil {
			t.Fatal(err)
		}
		defer encoder.Close()
		channels := int(c.Channels)
		if name != "libopus" || encoder.Channels() != channels || encoder.SampleRate() != 48000 {
			t.Fatalf("%s encodes %d channels of %d Hz", name, encoder.Channels(), encoder.SampleRate())
		}
		decoder, err := codec.NewAudioDecoder(c)
		if err != nil {
			t.Fatal(err)
		}
		defer decoder.Close()
		heard := make([][]int16, channels)
		for i := range 50 {
			frame, err := decoder.Decode(encodeTones(t, encoder, i), time.Duration(i)*encoder.FrameDuration())
			if err != nil || frame == nil || frame.Channels != channels {
				t.Fatalf("%+v, %v", frame, err)
			}
			for at, sample := range frame.Samples {
				heard[at%channels] = append(heard[at%channels], sample)
			}
		}
		for channel, samples := range heard {
			if share := codectest.ToneShare(samples[9600:], 48000, 1, channelTone(channel)); share < 0.9 {
				t.Errorf("%d channels: %.2f of channel %d is its tone", channels, share, channel)
			}
		}
	}
}

func channelTone(channel int) float64 { return 300 + 200*float64(channel) }

func encodeTones(t *testing.T, encoder codec.AudioEncoder, number int) []byte {
	t.Helper()
	const count = 960
	channels := encoder.Channels()
	samples := make([]int16, count*channels)
	for channel := range channels {
		for i, sample := range codectest.Tone(channelTone(channel), 48000, 1, number*count, count) {
			samples[i*channels+channel] = sample
		}
	}
	data, err := encoder.Encode(samples)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestMultiopusOfAnUnknownShapeIsRefused(t *testing.T) {
	for _, c := range []media.Codec{
		{Channels: 6},
		{Channels: 6, Parameters: "channel_mapping=0,1,2,3;coupled_streams=2;num_streams=2"},
		{Channels: 6, Parameters: "channel_mapping=0,4,1,2,3,5;coupled_streams=4;num_streams=2"},
		{Channels: 6, Parameters: "channel_mapping=0,4,1,2,3,5;coupled_streams=-2;num_streams=8"},
		{Channels: 6, Parameters: "channel_mapping=0,4,1,2,3,9;coupled_streams=2;num_streams=4"},
		{Channels: 6, Parameters: "channel_mapping=0,4,1,2,3,3;coupled_streams=2;num_streams=4"},
		{Channels: 6, Parameters: "channel_mapping=0,4,1,2,3,;coupled_streams=2;num_streams=4"},
		{Channels: 6, Parameters: "channel_mapping=0,4,1,2,3,5;coupled_streams=two;num_streams=4"},
		{Channels: 3, Parameters: "channel_mapping=0,1,2;coupled_streams=1;num_streams=2"},
		{Channels: 2, Parameters: "channel_mapping=0,1;coupled_streams=1;num_streams=1"},
		{Channels: 9, Parameters: "channel_mapping=0,1,2,3,4,5,6,7,8;coupled_streams=4;num_streams=5"},
	} {
		c.MimeType, c.ClockRate = codec.MimeMultiopus, 48000
		_, _, err := codec.NewAudioEncoder(c, codec.AudioSettings{})
		_, err2 := codec.NewAudioDecoder(c)
		if !errors.Is(err, codec.ErrInvalidInput) || !errors.Is(err2, codec.ErrInvalidInput) {
			t.Errorf("%d channels, %q: %v, %v", c.Channels, c.Parameters, err, err2)
		}
	}
}
