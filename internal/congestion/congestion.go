// Package congestion works out how much a network takes: Google Congestion
// Control (draft-ietf-rmcat-gcc-02), as libwebrtc has made it since, from what
// the server tells of the packets that arrive. It shares the result out between
// streams, and spreads packets over time.
//
// Nothing here sends, waits or reads a clock: everything is told the time.
package congestion

import "time"

// PacketResult is what became of a packet that was sent.
type PacketResult struct {
	Sent time.Time
	// Size is in bytes.
	Size int
	// Received says whether the server got it; Arrived is by the server's clock.
	Received bool
	Arrived  time.Duration
	// Probe is the number of the probe that it was part of; 0 is none.
	Probe int
}

// usage is how a queue on the way changes.
type usage int

const (
	usageNormal usage = iota
	// usageOver says that it grows.
	usageOver
	// usageUnder says that it shrinks.
	usageUnder
)

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
