package codec_test

import (
	"testing"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec/codectest"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// layeredModes are what each codec can have, but for L1T1.
var layeredModes = map[string][]string{
	codec.MimeVP8: {"L1T2", "L1T3"},
	codec.MimeVP9: {
		"L1T2", "L1T3", "L2T1", "L2T2", "L2T3", "L3T1", "L3T2", "L3T3",
		"L2T1_KEY", "L2T2_KEY", "L2T3_KEY", "L3T1_KEY", "L3T2_KEY", "L3T3_KEY",
	},
}

func mode(t *testing.T, name string) media.ScalabilityMode {
	t.Helper()
	m, err := media.ParseScalabilityMode(name)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestLayersCanBeLeftOut(t *testing.T) {
	for mimeType, names := range layeredModes {
		for _, name := range names {
			t.Run(mimeType+" "+name, func(t *testing.T) {
				codectest.Layers(t, media.Codec{MimeType: mimeType}, mode(t, name))
			})
		}
	}
}
