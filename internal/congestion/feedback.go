package congestion

import (
	"encoding/binary"
	"time"

	"github.com/pion/rtcp"
)

// Feedback is transport-wide feedback
// (draft-holmer-rmcat-transport-wide-cc-extensions-01), unpacked.
type Feedback struct {
	// Base is the number of the first packet.
	Base    uint16
	Packets []Arrival
}

// Arrival is what is told of a packet.
type Arrival struct {
	Received bool
	// Arrived is by the server's clock, whose beginning is unknown.
	Arrived time.Duration
}

// Unpacker unpacks the feedback of one transport.
type Unpacker struct {
	started bool
	// reference is the last packet's time in units of 64 ms, without a wrap.
	reference int64
}

const (
	referenceUnit = 64 * time.Millisecond
	referenceBits = 24
)

// Read reads a packet of RTCP. It is false for what is no feedback, does not add up, or tells of more packets than are
// remembered: a few bytes may claim so.
func (u *Unpacker) Read(packet []byte) (*Feedback, bool) {
	const count = 14
	if len(packet) < count+2 || binary.BigEndian.Uint16(packet[count:]) > mostUnanswered {
		return nil, false
	}
	feedback := &rtcp.TransportLayerCC{}
	if feedback.Unmarshal(packet) != nil {
		return nil, false
	}

	return u.Unpack(feedback)
}

// Unpack reads a packet. It is false for what does not add up.
func (u *Unpacker) Unpack(packet *rtcp.TransportLayerCC) (*Feedback, bool) {
	feedback := &Feedback{Base: packet.BaseSequenceNumber, Packets: make([]Arrival, 0, packet.PacketStatusCount)}
	at := u.time(packet.ReferenceTime)
	deltas := packet.RecvDeltas
	take := func(symbol uint16) bool {
		if len(feedback.Packets) == int(packet.PacketStatusCount) {
			return true
		}
		arrival := Arrival{}
		if symbol == rtcp.TypeTCCPacketReceivedSmallDelta || symbol == rtcp.TypeTCCPacketReceivedLargeDelta {
			if len(deltas) == 0 {
				return false
			}
			at += time.Duration(deltas[0].Delta) * time.Microsecond
			deltas = deltas[1:]
			arrival = Arrival{Received: true, Arrived: at}
		}
		feedback.Packets = append(feedback.Packets, arrival)

		return true
	}
	for _, chunk := range packet.PacketChunks {
		switch c := chunk.(type) {
		case *rtcp.RunLengthChunk:
			for range c.RunLength {
				if !take(c.PacketStatusSymbol) {
					return nil, false
				}
			}
		case *rtcp.StatusVectorChunk:
			for _, symbol := range c.SymbolList {
				if !take(symbol) {
					return nil, false
				}
			}
		}
	}

	return feedback, true
}

// time goes on over the wrap of the reference, which comes after twelve days.
func (u *Unpacker) time(reference uint32) time.Duration {
	const span = 1 << referenceBits
	if !u.started {
		u.started, u.reference = true, int64(reference)
	}
	ahead := (int64(reference) - u.reference) % span
	if ahead < -span/2 {
		ahead += span
	} else if ahead >= span/2 {
		ahead -= span
	}
	u.reference += ahead

	return time.Duration(u.reference) * referenceUnit
}
