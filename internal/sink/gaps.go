package sink

import (
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// gaps finds what is missing between packets of sound.
type gaps struct {
	begun bool
	// end of the sound that came last.
	end time.Duration
	// damaged says that a packet came since, of which no sound came.
	damaged bool
}

// before is how much is to be concealed right before a packet. Without a packet that is lost, a short gap is how a clock
// jitters; a long one is silence that was not sent (DTX).
func (g *gaps) before(packet *media.EncodedFrame) time.Duration {
	gap := packet.PTS - g.end
	lost := packet.Lost > 0 || g.damaged
	if !g.begun || gap <= 0 || gap > mostSilence || !lost && gap <= mostUneven {
		return 0
	}
	return gap
}

// heard is told of sound that came of a packet; nil is none.
func (g *gaps) heard(sound *media.AudioFrame) {
	g.damaged = sound == nil
	if sound != nil {
		g.begun, g.end = true, sound.PTS+sound.Duration()
	}
}
