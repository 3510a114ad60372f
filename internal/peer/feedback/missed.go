package feedback

import "github.com/pion/rtcp"

// Missed are the packets of a stream that are asked for again (RFC 4585 section 6.2.1).
func Missed(packets []rtcp.Packet, ssrc uint32) []uint16 {
	var numbers []uint16
	for _, packet := range packets {
		if nack, ok := packet.(*rtcp.TransportLayerNack); ok && nack.MediaSSRC == ssrc {
			for i := range nack.Nacks {
				numbers = append(numbers, nack.Nacks[i].PacketList()...)
			}
		}
	}

	return numbers
}
