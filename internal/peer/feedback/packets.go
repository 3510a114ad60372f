package feedback

import "github.com/pion/rtcp"

// Packets are those of a compound packet (RFC 3550 section 6.1) that anything here asks for. The others are not read:
// a few bytes of some of them become megabytes, and what is wrong with one is no reason to leave out the rest.
func Packets(compound []byte) []rtcp.Packet {
	var packets []rtcp.Packet
	for len(compound) > 0 {
		var header rtcp.Header
		if header.Unmarshal(compound) != nil {
			break
		}
		size := 4 * (int(header.Length) + 1)
		if size > len(compound) {
			break
		}
		if packet := read(header); packet != nil && packet.Unmarshal(compound[:size]) == nil {
			packets = append(packets, packet)
		}
		compound = compound[size:]
	}

	return packets
}

// read is what a packet is read into; nil for those that nobody asks for.
func read(header rtcp.Header) rtcp.Packet {
	switch {
	case header.Type == rtcp.TypeSenderReport:
		return &rtcp.SenderReport{}
	case header.Type == rtcp.TypeReceiverReport:
		return &rtcp.ReceiverReport{}
	case header.Type == rtcp.TypeTransportSpecificFeedback && header.Count == rtcp.FormatTLN:
		return &rtcp.TransportLayerNack{}
	case header.Type == rtcp.TypePayloadSpecificFeedback && header.Count == rtcp.FormatPLI:
		return &rtcp.PictureLossIndication{}
	case header.Type == rtcp.TypePayloadSpecificFeedback && header.Count == rtcp.FormatFIR:
		return &rtcp.FullIntraRequest{}
	default:
		return nil
	}
}
