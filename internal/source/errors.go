package source

import "github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/refusal"

// Error is what opening and playing a source fails with.
type Error = refusal.Error

// What an *Error is of, by errors.Is.
var (
	ErrInvalid         = refusal.ErrInvalid
	ErrNotFound        = refusal.ErrNotFound
	ErrNotAllowed      = refusal.ErrNotAllowed
	ErrNotSupported    = refusal.ErrNotSupported
	ErrUnsupported     = refusal.ErrUnsupported
	ErrBroken          = refusal.ErrBroken
	ErrNetwork         = refusal.ErrNetwork
	ErrTimeout         = refusal.ErrTimeout
	ErrOverconstrained = refusal.ErrOverconstrained
	ErrClosed          = refusal.ErrClosed
)
