package recorder

import "errors"

// What recorders fail with.
var (
	// ErrContainer is of a container that is not known, or a codec that it does not hold.
	ErrContainer = errors.New("not supported")
	// ErrAborted is of a recording that ended with its Worker, which died.
	ErrAborted = errors.New("the recording ended with its Worker")
	// ErrOutput is of what was written to.
	ErrOutput = errors.New("output failed")
	// ErrNotFound is of a file whose folder is not there, ErrNotAllowed of one that may not be written.
	ErrNotFound   = errors.New("no such folder")
	ErrNotAllowed = errors.New("not allowed")
)
