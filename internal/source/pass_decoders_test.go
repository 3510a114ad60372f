package source_test

import (
	"slices"
	"testing"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source"
)

// What passes is neither decoded nor is a decoder opened for it, until somebody needs one.
func TestDecodersAreOpenedForWhatIsDecodedAlone(t *testing.T) {
	path := clip(t, "decoders.mkv", smallPicture, tone440, baseline, libopus, length("2"))
	mixed := clip(t, "mixed.mp4", smallPicture, tone440, baseline, []string{"-c:a", "aac"}, length("2"))
	for name, test := range map[string]struct {
		spec  source.Spec
		audio media.Codec
		video []media.Codec
		want  []media.Kind
	}{
		"all passes":       {source.Spec{Value: path}, opus, []media.Codec{avc42e01f}, nil},
		"all has to pass":  {source.Spec{Value: path, Decode: forced}, opus, []media.Codec{avc42e01f}, nil},
		"in a loop":        {source.Spec{Value: path, Loop: true}, opus, []media.Codec{avc42e01f}, nil},
		"pictures pass":    {source.Spec{Value: path}, pcmu, []media.Codec{avc42e01f}, []media.Kind{media.Audio}},
		"sound passes":     {source.Spec{Value: path}, opus, []media.Codec{vp8}, []media.Kind{media.Video}},
		"in both ways":     {source.Spec{Value: path}, opus, []media.Codec{avc42e01f, vp8}, []media.Kind{media.Video}},
		"in the other":     {source.Spec{Value: path}, opus, []media.Codec{vp8, avc42e01f}, []media.Kind{media.Video}},
		"nothing may pass": {source.Spec{Value: path, Decode: new(true)}, opus, []media.Codec{avc42e01f}, []media.Kind{media.Audio, media.Video}},
		"sound can't":      {source.Spec{Value: mixed}, opus, []media.Codec{avc42e01f}, []media.Kind{media.Audio}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			opened := f.open(t, test.spec, true, true)
			decoders := source.DecodersOf(f.registry)
			sound := newCollector()
			attach(t, opened.Audio, test.audio, media.EncodingSettings{}, sound)
			for _, c := range test.video {
				pictures := newCollector()
				attach(t, opened.Video, c, media.EncodingSettings{}, pictures)
				pictures.wait(t, 20, patience)
			}
			sound.wait(t, 20, patience)
			f.registry.Close()
			if got := decoders(); !slices.Equal(got, test.want) {
				t.Errorf("decoders of %v were opened, want %v", got, test.want)
			}
		})
	}
}
