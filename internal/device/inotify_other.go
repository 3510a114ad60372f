//go:build !linux

package device

import (
	"errors"
	"os"
)

// watchFolders is Linux's.
func watchFolders(...string) (*os.File, error) { return nil, errors.ErrUnsupported }
