package av

import "time"

// Shift moves the times of a packet of the stream.
func (s Stream) Shift(p *Packet, by time.Duration) {
	ticks := toTicks(by, s.base)
	if p.PTS != NoTime {
		p.PTS += by
		p.packet.SetPts(p.packet.Pts() + ticks)
	}
	if p.DTS != NoTime {
		p.DTS += by
		p.packet.SetDts(p.packet.Dts() + ticks)
	}
}
