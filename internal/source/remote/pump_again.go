package remote

import (
	"errors"
	"fmt"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/container"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/routine"
)

// Reopen implements demuxer. What was read before is forgotten.
func (p *pump) Reopen() error {
	if p.settings.again == nil {
		return errors.New("it can't be opened again")
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.again = true
	routine.Signal(p.work)
	return nil
}

// restart opens what is recorded again.
func (p *pump) restart() {
	p.mu.Lock()
	first := p.demuxer
	p.mu.Unlock()
	again, err := p.settings.again(p.context)
	if err != nil {
		err = fmt.Errorf("open it again: %w", err)
	}
	p.mu.Lock()
	p.again = false
	p.clear()
	p.failure = nil
	switch {
	case err != nil || p.stopping:
	case container.Replaces(p.streams, again, p.active):
		p.demuxer, p.wanted, p.failed = again, nil, 0
		again = first
	default:
		err = container.ErrChanged
	}
	p.mu.Unlock()
	if again != nil {
		again.Close()
	}
	if err != nil {
		p.fail(err)
	}
}
