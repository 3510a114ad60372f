package wire

// Error is a refusal. Name is the JavaScript error's name (TypeError,
// InvalidStateError, NotFoundError, NotSupportedError, NetworkError,
// OperationError, UnsupportedError, AbortError, OverconstrainedError); Code is stable.
type Error struct {
	Name    string `json:"name"`
	Code    string `json:"code"`
	Message string `json:"message"`
	// Cause is the message of the underlying error, if there is one.
	Cause string `json:"cause,omitempty"`
	// Constraint is the name of that which an OverconstrainedError is about.
	Constraint string `json:"constraint,omitempty"`
}

func (e *Error) Error() string { return e.Message }

// The stable codes.
const (
	CodeInvalidArgument = "ERR_INVALID_ARGUMENT"
	CodeInvalidState    = "ERR_INVALID_STATE"
	CodeStaleHandle     = "ERR_STALE_HANDLE"
	CodeNotFound        = "ERR_NOT_FOUND"
	CodeNotAllowed      = "ERR_NOT_ALLOWED"
	CodeNotSupported    = "ERR_NOT_SUPPORTED"
	CodeUnsupported     = "ERR_UNSUPPORTED"
	CodeNetwork         = "ERR_NETWORK"
	CodeTimeout         = "ERR_TIMEOUT"
	CodeMessageTooLarge = "ERR_MESSAGE_TOO_LARGE"
	CodeBufferFull      = "ERR_BUFFER_FULL"
	CodeMedia           = "ERR_MEDIA"
	CodeOverconstrained = "ERR_OVERCONSTRAINED"
	CodeClosed          = "ERR_CLOSED"
	CodeDied            = "ERR_DIED"
	CodeAbiMismatch     = "ERR_ABI_MISMATCH"
	CodeNotLoaded       = "ERR_LIBRARY_NOT_LOADED"
	CodeInternal        = "ERR_INTERNAL"
)

// CodeSpec ties a code to its name in lib/wire.ts.
type CodeSpec struct {
	Code string
	Name string
}

// Codes lists every code.
func Codes() []CodeSpec {
	return []CodeSpec{
		{CodeInvalidArgument, "InvalidArgument"},
		{CodeInvalidState, "InvalidState"},
		{CodeStaleHandle, "StaleHandle"},
		{CodeNotFound, "NotFound"},
		{CodeNotAllowed, "NotAllowed"},
		{CodeNotSupported, "NotSupported"},
		{CodeUnsupported, "Unsupported"},
		{CodeNetwork, "Network"},
		{CodeTimeout, "Timeout"},
		{CodeMessageTooLarge, "MessageTooLarge"},
		{CodeBufferFull, "BufferFull"},
		{CodeMedia, "Media"},
		{CodeOverconstrained, "Overconstrained"},
		{CodeClosed, "Closed"},
		{CodeDied, "Died"},
		{CodeAbiMismatch, "AbiMismatch"},
		{CodeNotLoaded, "NotLoaded"},
		{CodeInternal, "Internal"},
	}
}
