package wire

import (
	"encoding/binary"
	"errors"
	"math"
)

// MaxHandle is the largest number that a float64 carries exactly.
const MaxHandle = 1<<53 - 1

// ErrBadRecord is a batch that does not parse.
var ErrBadRecord = errors.New("malformed record in a batch")

// Record is one parsed record. Payload points into the batch.
type Record struct {
	Type   RecordType
	Flags  uint8
	Handle uint64
	// Number is the request of a reply or the Event of an event.
	Number  uint32
	Payload []byte
}

// RecordSize is the room that a payload of n bytes takes, in bytes.
func RecordSize(n int) int {
	return (RecordHeaderSize + n + RecordAlignment - 1) &^ (RecordAlignment - 1)
}

// PutRecord writes r at the start of dst, which has RecordSize(len(r.Payload))
// bytes or more, and returns that size.
func PutRecord(dst []byte, r Record) int {
	size := RecordSize(len(r.Payload))
	dst = dst[:size]
	binary.LittleEndian.PutUint32(dst, uint32(size)) //nolint:gosec // payloads in records are small
	dst[RecordTypeOffset] = byte(r.Type)
	dst[RecordFlagsOffset] = r.Flags
	dst[6], dst[7] = 0, 0
	binary.LittleEndian.PutUint64(dst[RecordHandleOffset:], math.Float64bits(float64(r.Handle)))
	binary.LittleEndian.PutUint32(dst[RecordNumberOffset:], r.Number)
	binary.LittleEndian.PutUint32(dst[RecordLengthOffset:], uint32(len(r.Payload))) //nolint:gosec // as above
	clear(dst[RecordHeaderSize+copy(dst[RecordHeaderSize:], r.Payload):])

	return size
}

// PutLoan writes the payload of a record with FlagLent.
func PutLoan(dst *[LoanSize]byte, token uint64, length int) {
	binary.LittleEndian.PutUint64(dst[:], math.Float64bits(float64(token)))
	binary.LittleEndian.PutUint64(dst[8:], math.Float64bits(float64(length)))
}

// ParseLoan reads the payload of a record with FlagLent.
func ParseLoan(payload []byte) (token uint64, length int, err error) {
	if len(payload) != LoanSize {
		return 0, 0, ErrBadRecord
	}
	token = uint64(math.Float64frombits(binary.LittleEndian.Uint64(payload)))
	length = int(math.Float64frombits(binary.LittleEndian.Uint64(payload[8:])))

	return token, length, nil
}

// ParseRecord reads the first record of a batch and returns what follows it.
func ParseRecord(batch []byte) (Record, []byte, error) {
	if len(batch) < RecordHeaderSize {
		return Record{}, nil, ErrBadRecord
	}
	size := int(binary.LittleEndian.Uint32(batch))
	length := int(binary.LittleEndian.Uint32(batch[RecordLengthOffset:]))
	if size > len(batch) || length > len(batch) || size != RecordSize(length) {
		return Record{}, nil, ErrBadRecord
	}

	return Record{
		Type:    RecordType(batch[RecordTypeOffset]),
		Flags:   batch[RecordFlagsOffset],
		Handle:  uint64(math.Float64frombits(binary.LittleEndian.Uint64(batch[RecordHandleOffset:]))),
		Number:  binary.LittleEndian.Uint32(batch[RecordNumberOffset:]),
		Payload: batch[RecordHeaderSize : RecordHeaderSize+length],
	}, batch[size:], nil
}
