package device

import (
	"fmt"

	"github.com/gen2brain/malgo"
)

// connect opens a context of miniaudio. The caller closes it.
func (b Backend) connect(to malgo.Backend) (*malgo.AllocatedContext, error) {
	context, err := malgo.InitContext([]malgo.Backend{to}, malgo.ContextConfig{}, nil)
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %w", b, ErrNoServer, err)
	}
	return context, nil
}
