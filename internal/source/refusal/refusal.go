package refusal

import (
	"errors"
	"fmt"
	"regexp"
)

// What opening a source fails with; an *Error wraps one of them.
var (
	// ErrInvalid is a value that can't name a source.
	ErrInvalid = errors.New("invalid source")
	// ErrNotFound is a file that isn't there.
	ErrNotFound = errors.New("source not found")
	// ErrNotAllowed is a file that may not be read.
	ErrNotAllowed = errors.New("source may not be read")
	// ErrNotSupported is a source without the kind, in a format or in a codec
	// that is needed.
	ErrNotSupported = errors.New("source not supported")
	// ErrUnsupported is a type or an option of sources that doesn't exist yet.
	ErrUnsupported = errors.New("kind of source not supported")
	// ErrBroken is a source that can't be read on.
	ErrBroken = errors.New("source is broken")
	// ErrNetwork is a source that can't be reached, or was lost.
	ErrNetwork = errors.New("source can't be reached")
	// ErrTimeout is a source that took too long to open, or fell silent.
	ErrTimeout = errors.New("source timed out")
	// ErrOverconstrained is a constraint that no device meets.
	ErrOverconstrained = errors.New("constraints can't be met")
	// ErrClosed is a use of a closed Registry.
	ErrClosed = errors.New("sources are closed")
)

// Error is a refusal in words that are made for users: what was wrong with
// which source, what was expected, and what to do.
type Error struct {
	// Kind is one of the sentinels above.
	Kind    error
	Message string
	// Cause is nil where Message tells it all.
	Cause error
	// Constraint is the name of that which ErrOverconstrained is about.
	Constraint string
}

func (e *Error) Error() string { return e.Message }

// Unwrap lets errors.Is find the sentinel and the cause.
func (e *Error) Unwrap() []error {
	if e.Cause == nil {
		return []error{e.Kind}
	}
	return []error{e.Kind, e.Cause}
}

// Shorten keeps messages readable.
func Shorten(value string) string {
	const most = 300
	if len(value) <= most {
		return value
	}
	return value[:most] + "…"
}

// Quote is how a message shows what an app gave where no URL belongs: short, and without what would be secret in one.
func Quote(value string) string {
	value = userInfo.ReplaceAllString(value, "$1…@")

	return fmt.Sprintf("%q", Shorten(query.ReplaceAllString(value, "$1…")))
}

var (
	userInfo = regexp.MustCompile(`(?s)([A-Za-z][A-Za-z0-9+.-]*:/*).*@`)
	query    = regexp.MustCompile(`(?s)([A-Za-z][A-Za-z0-9+.-]*://[^?#]*[?#]).+`)
)

// ReasonOf is the innermost of wrapped errors: the others say what was being done.
func ReasonOf(err error) error {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err
		}
		err = inner
	}
}
