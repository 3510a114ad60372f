package source

import (
	"context"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/container"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/engine"
)

// DecodersOf tells, once r is closed, which decoders the players of its open sources ever had.
func DecodersOf(r *Registry) func() []media.Kind {
	r.mu.Lock()
	defer r.mu.Unlock()
	type opener interface{ Decoded() []media.Kind }
	var players []opener
	for _, s := range r.sources {
		if p, ok := s.engine.(opener); ok {
			players = append(players, p)
		}
	}
	return func() (kinds []media.Kind) {
		for _, p := range players {
			kinds = append(kinds, p.Decoded()...)
		}
		return kinds
	}
}

// Waiting is how many wait for sources that open.
func Waiting(r *Registry) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := 0
	for _, o := range r.opening {
		n += len(o.waiters)
	}
	return n
}

// OpenPlayer opens what a player plays.
func OpenPlayer(ctx context.Context, spec Spec, open func() (*container.Container, error)) (engine.Engine, error) {
	return openPlayer(ctx, spec, open)
}
