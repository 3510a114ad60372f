package scalability_test

import (
	"testing"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/scalability"
)

var modes = []string{
	"L1T1", "L1T2", "L1T3", "L2T1", "L2T2", "L2T3", "L3T1", "L3T2", "L3T3",
	"L2T1_KEY", "L2T2_KEY", "L2T3_KEY", "L3T1_KEY", "L3T2_KEY", "L3T3_KEY",
}

func parse(t *testing.T, name string) media.ScalabilityMode {
	t.Helper()
	mode, err := media.ParseScalabilityMode(name)
	if err != nil {
		t.Fatal(err)
	}
	return mode
}

// TestBuffersHoldWhatReferencesSay keeps frames in buffers, as a decoder of one
// layer does that gets nothing else.
func TestBuffersHoldWhatReferencesSay(t *testing.T) {
	for _, name := range modes {
		mode := parse(t, name)
		for spatial := range mode.SpatialLayers() {
			for temporal := range mode.TemporalLayers() {
				structure := scalability.New(mode)
				var buffers [8]int
				number := 0
				for i := range 40 {
					frames := structure.Next(i == 17, mode.SpatialLayers())
					structure.Coded(frames)
					for _, f := range frames {
						number++
						received := f.Spatial <= spatial && f.Temporal <= temporal &&
							(f.KeyPicture || !mode.KeyOnly() || f.Spatial == spatial)
						if !received {
							continue
						}
						var held []int
						for _, buffer := range []int{f.Before, f.Below} {
							if buffer != scalability.None {
								held = append(held, number-buffers[buffer])
							}
						}
						if len(held) != len(f.References) {
							t.Fatalf("%s: frame %+v", name, f)
						}
						for j, back := range f.References {
							if held[j] != back {
								t.Errorf("%s, layer %d.%d, picture %d: a buffer holds what is %d back, not %d",
									name, spatial, temporal, i, held[j], back)
							}
						}
						if f.Updates != scalability.None {
							buffers[f.Updates] = number
						}
					}
				}
			}
		}
	}
}

func TestPicturesThatAreLeftOutComeAgain(t *testing.T) {
	structure := scalability.New(parse(t, "L2T3"))
	structure.Coded(structure.Next(false, 2))
	for range 3 {
		if f := structure.Next(false, 2)[0]; f.Temporal != 2 || f.Key || f.References[0] != 2 {
			t.Errorf("%+v", f)
		}
	}
}

func TestALayerThatComesBackBeginsWithAKeyPicture(t *testing.T) {
	structure := scalability.New(parse(t, "L3T1"))
	for i, layers := range []int{3, 3, 2, 1, 1, 2, 2, 3} {
		frames := structure.Next(false, layers)
		structure.Coded(frames)
		if want := i == 0 || i == 5 || i == 7; frames[0].Key != want || len(frames) != layers {
			t.Errorf("picture %d: %+v", i, frames)
		}
	}
}

func TestRatesCarryWhatTheyCan(t *testing.T) {
	top := scalability.Size{Width: 1280, Height: 720}
	for _, test := range []struct{ bitrate, active, want int }{
		{3_000_000, 0, 3},
		{700_000, 0, 2},
		{150_000, 0, 1},
		{1_000, 3, 1},
		// Adding a layer takes more than keeping it.
		{950_000, 2, 2},
		{950_000, 3, 3},
		{1_200_000, 2, 3},
	} {
		mode := parse(t, "L3T3")
		rates := scalability.Rates(mode, 3, top, test.bitrate, test.active)
		if len(rates) != test.want {
			t.Errorf("%d bit/s carry %d layers, want %d", test.bitrate, len(rates), test.want)
		}
		sum := 0
		for _, spatial := range rates {
			if !(spatial[0] > 0 && spatial[0] < spatial[1] && spatial[1] < spatial[2]) {
				t.Errorf("temporal layers have %v", spatial)
			}
			sum += spatial[2]
		}
		if sum > test.bitrate || sum < test.bitrate-3 {
			t.Errorf("%d bit/s are shared as %d", test.bitrate, sum)
		}
	}
	small := scalability.Size{Width: 100, Height: 60}
	if n := scalability.SpatialLayers(parse(t, "L3T1"), small, 16); n != 2 {
		t.Errorf("%d layers of a small picture", n)
	}
}
