package scalability

import (
	"math"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// How libwebrtc's allocator for layers shares a bitrate.
const (
	// spatialShare is what a spatial layer has of the one above.
	spatialShare = 0.55
	// reserve is what has to be there to add a layer: that costs a keyframe.
	reserve = 1.2
)

// temporalShares is what a temporal layer and those below it take of a spatial
// layer, by how many there are less one.
var temporalShares = [...][]float64{{1}, {0.65, 1}, {0.54, 0.7, 1}}

// Size is the width and height of a picture.
type Size struct{ Width, Height int }

// Halved so often, each time up to an even size: that is what encoders make of a
// picture for a lower layer.
func (s Size) Halved(times int) Size {
	even := func(side int) int { return (side>>times + 1) &^ 1 }
	return Size{Width: even(s.Width), Height: even(s.Height)}
}

// SpatialLayers is how many of a mode's layers a picture of that size can have,
// whose smallest sides are to be least.
func SpatialLayers(mode media.ScalabilityMode, size Size, least int) int {
	layers := mode.SpatialLayers()
	for layers > 1 && min(size.Width, size.Height)>>(layers-1) < least {
		layers--
	}
	return layers
}

// Rates shares a bitrate: what it gives are bits a second by spatial and temporal
// layer, those of a temporal layer with those below it. Spatial layers that the
// bitrate can't carry are left out; active is how many there were before, 0 for
// none. top is the size of the highest of all.
func Rates(mode media.ScalabilityMode, spatialLayers int, top Size, bitrate, active int) [][]int {
	spatial := spatialLayers
	for ; spatial > 1; spatial-- {
		needed := float64(leastRate(top, spatialLayers-spatial))
		if active > 0 && spatial > active {
			needed *= reserve
		}
		if share(spatial, spatial-1)*float64(bitrate) >= needed {
			break
		}
	}
	rates := make([][]int, spatial)
	for s := range rates {
		for _, temporal := range temporalShares[mode.TemporalLayers()-1] {
			rates[s] = append(rates[s], int(share(spatial, s)*temporal*float64(bitrate)))
		}
	}
	return rates
}

// share of one of so many spatial layers.
func share(layers, layer int) float64 {
	sum := 0.0
	for i := range layers {
		sum += math.Pow(spatialShare, float64(i))
	}
	return math.Pow(spatialShare, float64(layers-1-layer)) / sum
}

// leastRate is what a layer has to have, in bits a second, that is so often half as
// large as the highest: libwebrtc's, who found it by trying.
func leastRate(top Size, halvings int) int {
	side := math.Sqrt(float64(top.Width*top.Height)) / float64(int(1)<<halvings)
	return max(int(600*side)-95_000, 30_000)
}
