package sending

import (
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/congestion"
)

// payloadPart of what is sent is what encoders make; the rest are headers.
const payloadPart = 0.95

// Demand is what a layer could use of an estimate.
type Demand struct {
	// Sender is the same for the layers of one; Index is the layer's, from 0.
	Sender any
	Index  int
	// Video is paced, sound is not.
	Video bool
	// Fixed streams are sent as they are: sound, and what is passed through.
	Fixed bool
	// Bitrate is what is sent now.
	Bitrate int
	// Start bounds a layer that has just begun; 0 is no bound.
	Start int
	congestion.Layer
}

// Shares gives each demand its part of the bitrate, in bits a second; 0 leaves a layer out. What is fixed gets what may be
// sent of it at the most: that bounds how fast a stream that is passed through may catch up. Before the bitrate is measured no
// layer is left out because of it.
func Shares(bitrate int, measured bool, demands []Demand) []int {
	free := bitrate
	places := make(map[any]int)
	var streams []congestion.Stream
	for _, d := range demands {
		if d.Fixed {
			free -= d.Bitrate

			continue
		}
		place, known := places[d.Sender]
		if !known {
			place = len(streams)
			places[d.Sender] = place
			streams = append(streams, congestion.Stream{})
		}
		streams[place].Layers = append(streams[place].Layers, d.Layer)
	}
	given := congestion.Share(int(float64(max(free, 0))*payloadPart), streams)
	parts := make([]int, len(demands))
	for i, d := range demands {
		if d.Fixed {
			parts[i] = max(free+d.Bitrate, 1)

			continue
		}
		place := places[d.Sender]
		part := given[place][0]
		given[place] = given[place][1:]
		if part == 0 && !measured {
			part = d.Min
		}
		if d.Start > 0 {
			part = min(part, d.Start)
		}
		parts[i] = part
	}

	return parts
}

// Wanted is all that could be used, and what of video is sent at the least: sound
// does not wait for anything, and what of it is sent again is no reason to hurry.
func Wanted(demands []Demand) (most, least int) {
	for _, d := range demands {
		switch {
		case !d.Fixed:
			most += int(float64(d.Max) / payloadPart)
			if d.Index == 0 {
				least += d.Min
			}
		default:
			most += d.Bitrate
			if d.Video {
				least += d.Bitrate
			}
		}
	}

	return most, least
}
