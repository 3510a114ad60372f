package hostiletest

import (
	"encoding/binary"

	"github.com/pion/sctp"
)

// payloadTypes of what SCTP carries (RFC 8831 section 8), and some of nothing.
var payloadTypes = []sctp.PayloadProtocolIdentifier{
	sctp.PayloadTypeWebRTCDCEP, sctp.PayloadTypeWebRTCDCEP, sctp.PayloadTypeWebRTCString, sctp.PayloadTypeWebRTCBinary,
	sctp.PayloadTypeWebRTCStringEmpty, sctp.PayloadTypeWebRTCBinaryEmpty, 0, 0xffffffff,
}

// Message is one for a data channel, and what it says it is.
func (r Random) Message() (message []byte, kind sctp.PayloadProtocolIdentifier) {
	kind = Pick(r, payloadTypes...)
	if kind == sctp.PayloadTypeWebRTCDCEP {
		return r.open(), kind
	}

	return r.Bytes(Pick(r, 1, 1, 2, 100, most, 10_000)), kind
}

// open opens a channel, or nearly does.
func (r Random) open() []byte {
	message := []byte{Pick(r, 3, 3, 3, 2, r.byte()), Pick(r, 0, 1, 2, 0x80, 0x81, 0x82, r.byte())}
	message = binary.BigEndian.AppendUint16(message, r.half())
	message = binary.BigEndian.AppendUint32(message, r.Word())
	label := r.Bytes(r.IntN(50))
	message = binary.BigEndian.AppendUint16(message, Pick(r, uint16(len(label)), r.half())) //nolint:gosec // few
	message = binary.BigEndian.AppendUint16(message, Pick(r, 0, r.half()))

	return r.mutate(append(message, label...))
}

// Chunks are of SCTP. None of them ends an association: those that do are for who wants its end.
func (r Random) Chunks() []byte {
	// DATA, SACK, HEARTBEAT, its answer, ERROR, COOKIE-ECHO and -ACK, ECNE, CWR, AUTH, I-DATA, PAD, RE-CONFIG, FORWARD-TSN,
	// ASCONF, and of nothing that is known, each with what to do about it.
	kind := Pick[byte](r, 0, 0, 3, 4, 5, 9, 10, 11, 12, 13, 15, 132, 130, 192, 193, 128, 63, 127, 191, 254)
	body := r.mutate(r.Bytes(4 * r.IntN(40)))
	length := uint16(len(body) + 4) //nolint:gosec // few
	chunk := []byte{kind, r.byte(), 0, 0}
	binary.BigEndian.PutUint16(chunk[2:], Pick(r, length, length, r.half()))

	return append(chunk, body...)
}
