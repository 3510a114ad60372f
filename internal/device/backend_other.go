//go:build !windows && !darwin

package device

import (
	"fmt"

	"github.com/gen2brain/malgo"
)

// Backends lists those of this system, in the order in which a microphone is looked for.
func Backends() []Backend { return []Backend{Pulse, ALSA} }

// open connects to the backend. The caller closes the context.
func (b Backend) open() (*malgo.AllocatedContext, error) {
	holdSoundLibraries()
	if b == Pulse && !pulseServes() {
		return nil, fmt.Errorf("%s: %w", b, ErrNoServer)
	}
	backend := malgo.Backend(malgo.BackendPulseaudio)
	if b == ALSA {
		backend = malgo.BackendAlsa
	}
	return b.connect(backend)
}
