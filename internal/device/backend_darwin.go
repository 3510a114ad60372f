package device

import (
	"github.com/gen2brain/malgo"
)

// Backends lists those of this system.
func Backends() []Backend { return []Backend{CoreAudio} }

// open connects to the backend. The caller closes the context.
func (b Backend) open() (*malgo.AllocatedContext, error) {
	return b.connect(malgo.BackendCoreaudio)
}
