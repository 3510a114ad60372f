package wire

// A batch is a run of records, each padded to 8 bytes. All numbers are little
// endian. lib/bridge.ts reads what Env.Poll writes.
//
//	offset  size
//	0       4     length of the record with its padding
//	4       1     RecordType
//	5       1     flags (FlagLent)
//	6       2     0
//	8       8     handle, as a float64
//	16      4     request id of a reply, Event of an event, 0 for bytes
//	20      4     length of the payload in the record
//	24      ...   payload
//
// With FlagLent the payload is 16 bytes: a token and a length, both float64.
// The bytes are then had by acquiring the token.

// RecordType tells what a record carries.
type RecordType uint8

// The record types.
const (
	RecordReply RecordType = iota + 1
	RecordError
	RecordEvent
	RecordText
	RecordBinary
)

// FlagLent marks a payload that is lent, not copied.
const FlagLent = 1

// Where the fields of a record begin, in bytes.
const (
	RecordTypeOffset   = 4
	RecordFlagsOffset  = 5
	RecordHandleOffset = 8
	RecordNumberOffset = 16
	RecordLengthOffset = 20
)

// Sizes in bytes.
const (
	RecordHeaderSize = 24
	RecordAlignment  = 8
	// LoanSize is the payload of a record with FlagLent.
	LoanSize = 16
	// LentThreshold is the largest payload that is copied into a batch.
	LentThreshold = 64 << 10
	// BatchSize is the room of a batch.
	BatchSize = 256 << 10
)
