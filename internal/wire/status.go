package wire

// Status is what a call into the core returns at once. goexport/abi.h has the
// same numbers.
type Status int32

// The statuses.
const (
	StatusOK Status = -iota
	// StatusStaleHandle: the handle was released, or never made.
	StatusStaleHandle
	// StatusWrongKind: the handle's object does not do this.
	StatusWrongKind
	// StatusBadArgument: no such method, or a number out of range.
	StatusBadArgument
	// StatusClosed: the environment is closed.
	StatusClosed
	// StatusTooLarge: more bytes than the target takes.
	StatusTooLarge
	// StatusBufferFull: the target takes no more now.
	StatusBufferFull
	// StatusPanic: the call panicked and was recovered.
	StatusPanic
	// StatusInvalidState: the target is not in a state to do this.
	StatusInvalidState
	// StatusFailed: the target refused for another reason.
	StatusFailed
)

// StatusSpec ties a status to its name in lib/wire.ts and abi.h.
type StatusSpec struct {
	Status Status
	Name   string
}

// Statuses lists every status, from StatusOK down.
func Statuses() []StatusSpec {
	return []StatusSpec{
		{StatusOK, "Ok"},
		{StatusStaleHandle, "StaleHandle"},
		{StatusWrongKind, "WrongKind"},
		{StatusBadArgument, "BadArgument"},
		{StatusClosed, "Closed"},
		{StatusTooLarge, "TooLarge"},
		{StatusBufferFull, "BufferFull"},
		{StatusPanic, "Panic"},
		{StatusInvalidState, "InvalidState"},
		{StatusFailed, "Failed"},
	}
}
