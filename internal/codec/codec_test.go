package codec_test

import (
	"errors"
	"fmt"
	"testing"

	"go.uber.org/goleak"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec/codectest"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestEveryVideoCodecConforms(t *testing.T) {
	for _, c := range codec.Supported(media.Video) {
		t.Run(c.MimeType, func(t *testing.T) { codectest.Video(t, c) })
	}
}

func TestEveryAudioCodecConforms(t *testing.T) {
	for _, c := range codec.Supported(media.Audio) {
		for _, stereo := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/%d stereo %v", c.MimeType, c.Channels, stereo), func(t *testing.T) {
				codectest.Audio(t, c, codec.AudioSettings{Stereo: stereo})
			})
		}
	}
}

func TestUnknownCodecsAreRefused(t *testing.T) {
	for _, c := range []media.Codec{{}, {MimeType: "video/H261"}, {MimeType: "audio/iLBC"}} {
		_, _, err := codec.NewVideoEncoder(c, codec.VideoSettings{})
		_, _, err2 := codec.NewAudioEncoder(c, codec.AudioSettings{})
		_, err3 := codec.NewVideoDecoder(c)
		_, err4 := codec.NewAudioDecoder(c)
		for _, err := range []error{err, err2, err3, err4} {
			if !errors.Is(err, codec.ErrUnknownCodec) {
				t.Errorf("%q: %v", c.MimeType, err)
			}
		}
		if codec.Supports(media.Video, c) || codec.Supports(media.Audio, c) {
			t.Errorf("%q is said to be supported", c.MimeType)
		}
	}
	if !codec.Supports(media.Video, media.Codec{MimeType: "VIDEO/vp8"}) {
		t.Error("MIME types are compared with case")
	}
}

func TestDefaultBitratesFollowTheSize(t *testing.T) {
	for _, test := range []struct{ width, height, least, most int }{
		{16, 16, 100_000, 100_000},
		{320, 240, 300_000, 500_000},
		{560, 320, 550_000, 650_000},
		{1280, 720, 1_500_000, 1_500_000},
		{1920, 1080, 2_000_000, 2_600_000},
		{4096, 2304, 4_000_000, 8_000_000},
	} {
		got := codec.DefaultVideoBitrate(test.width, test.height, 30)
		if got < test.least || got > test.most {
			t.Errorf("%dx%d: %d bit/s", test.width, test.height, got)
		}
	}
}
