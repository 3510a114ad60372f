package sending

import (
	"encoding/binary"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtp"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/rtpwire"
)

const (
	// mostOneByteID and mostOneByteExtension are what a header extension of the short form holds (RFC 8285 section 4.2).
	mostOneByteID, mostOneByteExtension = 14, 16
	// headerRoom is about what headers take.
	headerRoom = 36
)

// extensionIDs are the negotiated numbers of the header extensions that are written here; 0 is not negotiated.
type extensionIDs struct {
	mid, rid, repairedRid, audioLevel, dependencies, captured, sendTime, sequence uint8
	// profile is the form that has room for all of their numbers.
	profile uint16
}

func newExtensionIDs(negotiated []interceptor.RTPHeaderExtension) extensionIDs {
	id := func(uri string) uint8 { return rtpwire.ExtensionID(negotiated, uri) }
	ids := extensionIDs{
		mid: id(rtpwire.MidURI), rid: id(rtpwire.RidURI), repairedRid: id(rtpwire.RepairedRidURI),
		audioLevel: id(rtpwire.AudioLevelURI), dependencies: id(rtpwire.DependencyDescriptorURI),
		captured: id(rtpwire.AbsCaptureTimeURI),
		sendTime: id(rtpwire.AbsSendTimeURI), sequence: id(rtpwire.TransportWideCCURI),
		profile: rtp.ExtensionProfileOneByte,
	}
	if ids.highest() > mostOneByteID {
		ids.profile = rtp.ExtensionProfileTwoByte
	}

	return ids
}

func (e extensionIDs) highest() uint8 {
	return max(e.mid, e.rid, e.repairedRid, e.audioLevel, e.dependencies, e.captured, e.sendTime, e.sequence)
}

// headers makes the headers of packets, each in the memory of the last.
type headers struct {
	header     rtp.Header
	extensions [8]rtp.Extension
	level      [1]byte
	captured   [8]byte
	sendTime   [3]byte
	number     [2]byte
	// payload is that of a packet that is sent again.
	payload []byte
}

// of is the header of a packet that leaves now. Its transport-wide number is that of numbered, which comes after.
func (h *headers) of(s *pacedStream, p *packet, as purpose, now time.Time) *rtp.Header {
	ids, named, rid := &s.ids, p.named, s.ids.rid
	h.header = rtp.Header{
		Version: 2, Marker: p.marker, PayloadType: s.payloadType, SequenceNumber: p.sequence, Timestamp: p.timestamp,
		SSRC: s.ssrc, Extension: true, ExtensionProfile: ids.profile, Extensions: h.extensions[:0],
	}
	if as != original && s.hasRTX() {
		h.header.SSRC, h.header.PayloadType, h.header.SequenceNumber = s.rtxSSRC, s.rtxPayloadType, s.rtxSequence
		// The server may not know the stream of repairs yet. It is not the encoding itself (RFC 8852 section 3).
		rid, named = ids.repairedRid, named || s.rtxSent < midPackets
	}
	if named {
		h.add(ids.mid, s.mid)
		h.add(rid, s.rid)
	}
	if p.level != 0 {
		h.level[0] = p.level
		h.add(ids.audioLevel, h.level[:])
	}
	if p.captured != 0 {
		binary.BigEndian.PutUint64(h.captured[:], p.captured)
		h.add(ids.captured, h.captured[:])
	}
	if len(p.dependencies) > mostOneByteExtension && ids.dependencies != 0 {
		h.header.ExtensionProfile = rtp.ExtensionProfileTwoByte
	}
	h.add(ids.dependencies, p.dependencies)
	if ids.sendTime != 0 {
		// 24 bits of seconds in 6.18 (http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time).
		middle := rtpwire.NTPTime(now) >> 14
		h.sendTime = [3]byte{byte(middle >> 16), byte(middle >> 8), byte(middle)}
		h.add(ids.sendTime, h.sendTime[:])
	}
	h.add(ids.sequence, h.number[:])
	h.header.Extension = len(h.header.Extensions) > 0

	return &h.header
}

func (h *headers) add(id uint8, value []byte) {
	if id != 0 && len(value) > 0 {
		_ = h.header.SetExtension(id, value)
	}
}

// numbered gives the header its transport-wide number.
func (h *headers) numbered(sequence uint16) { binary.BigEndian.PutUint16(h.number[:], sequence) }

// again is the payload of a packet that is sent again: it begins with its number (RFC 4588 section 4).
func (h *headers) again(p *packet) []byte {
	h.payload = append(binary.BigEndian.AppendUint16(h.payload[:0], p.sequence), p.payload...)

	return h.payload
}
