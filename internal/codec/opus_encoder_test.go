package codec_test

import (
	"testing"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec/codectest"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// With DTX a packet whose streams are all silent is not sent; a tone in one channel is enough for it to be.
func TestOpusSendsNothingInSilenceWithDTX(t *testing.T) {
	opus := media.Codec{MimeType: codec.MimeOpus, ClockRate: 48000, Channels: 2}
	six := media.Codec{
		MimeType: codec.MimeMultiopus, ClockRate: 48000, Channels: 6,
		Parameters: "channel_mapping=0,4,1,2,3,5;coupled_streams=2;num_streams=4",
	}
	for _, of := range []struct {
		name   string
		codec  media.Codec
		stereo bool
	}{{"mono", opus, false}, {"stereo", opus, true}, {"six channels", six, false}} {
		for _, test := range []struct{ dtx, sounds bool }{{true, false}, {true, true}, {false, false}} {
			settings := codec.AudioSettings{Stereo: of.stereo, DTX: test.dtx}
			encoder, _, err := codec.NewAudioEncoder(of.codec, settings)
			if err != nil {
				t.Fatal(err)
			}
			defer encoder.Close()
			silent, channels := 0, encoder.Channels()
			for i := range 100 {
				samples := make([]int16, 960*channels)
				if test.sounds {
					for at, sample := range codectest.Tone(440, 48000, 1, i*960, 960) {
						samples[channels*at+channels/2] = sample
					}
				}
				data, err := encoder.Encode(samples)
				if err != nil {
					t.Fatal(err)
				}
				if len(data) == 0 {
					silent++
				}
			}
			if quiet := test.dtx && !test.sounds; quiet && silent < 50 || !quiet && silent > 0 {
				t.Errorf("%s, %+v: %d of 100 packets left out", of.name, test, silent)
			}
		}
	}
}
