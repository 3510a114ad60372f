package wire

import (
	"encoding/json"
	"fmt"
	"strings"
)

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

// MarshalJSON cuts words that are long, as they may quote what somebody gave.
func (e Error) MarshalJSON() ([]byte, error) { //nolint:revive // of the value, so that it is called for both
	type plain Error
	e.Message, e.Cause = Cut(e.Message, MaxWords), Cut(e.Cause, MaxWords)
	text, err := json.Marshal(plain(e))
	if err != nil {
		return nil, fmt.Errorf("encoding an error: %w", err)
	}

	return text, nil
}

// Cut shortens a text to about so many bytes, at the end of a rune, and says by how much.
func Cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	kept := strings.ToValidUTF8(text[:most], "")

	return fmt.Sprintf("%s… (%d bytes more)", kept, len(text)-len(kept))
}

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
	CodeLimit           = "ERR_LIMIT"
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
		{CodeLimit, "Limit"},
		{CodeMedia, "Media"},
		{CodeOverconstrained, "Overconstrained"},
		{CodeClosed, "Closed"},
		{CodeDied, "Died"},
		{CodeAbiMismatch, "AbiMismatch"},
		{CodeNotLoaded, "NotLoaded"},
		{CodeInternal, "Internal"},
	}
}
