// Package scalabilitytest makes pictures with layers for the tests of who sends and receives them.
package scalabilitytest

import (
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/scalability"
)

// Modes are the modes that are encoded.
var Modes = []string{
	"L1T1", "L1T2", "L1T3", "L2T1", "L2T2", "L2T3", "L3T1", "L3T2", "L3T3",
	"L2T1_KEY", "L2T2_KEY", "L2T3_KEY", "L3T1_KEY", "L3T2_KEY", "L3T3_KEY",
}

// Pictures are pictures of a mode, as an encoder gives them: those whose
// numbers are in keys are key pictures, and fewer tells which lack the highest layer.
func Pictures(t *testing.T, name string, count int, keys map[int]bool, fewer func(i int) bool) []*media.EncodedFrame {
	t.Helper()
	mode, err := media.ParseScalabilityMode(name)
	if err != nil {
		t.Fatal(err)
	}
	structure := scalability.New(mode)
	var pictures []*media.EncodedFrame
	for i := range count {
		spatial := mode.SpatialLayers()
		if spatial > 1 && fewer(i) {
			spatial--
		}
		frames := structure.Next(keys[i], spatial)
		structure.Coded(frames)
		picture := &media.EncodedFrame{
			PTS: time.Duration(i) * time.Second / 30, Keyframe: frames[0].Key,
			Scalability: mode, Layers: scalability.Layers(frames),
		}
		for s := range picture.Layers {
			layer := &picture.Layers[s]
			layer.Data = make([]byte, 600+1200*s)
			for j := range layer.Data {
				layer.Data[j] = byte(i + s + j)
			}
			layer.Width, layer.Height = 160<<s, 90<<s
			picture.Data = append(picture.Data, layer.Data...)
		}
		pictures = append(pictures, picture)
	}

	return pictures
}

// Never is of pictures that all have their highest layer.
func Never(int) bool { return false }
