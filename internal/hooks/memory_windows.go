package hooks

import "errors"

// withoutMemory is of systems that limit the memory of a process.
func withoutMemory() error { return errors.ErrUnsupported }
