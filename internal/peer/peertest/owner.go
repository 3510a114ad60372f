package peertest

import (
	"context"
	"strings"
	"testing"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/recovery"
)

// Owner is told of panics, as a worker is.
type Owner struct {
	// Context belongs to it.
	Context context.Context //nolint:containedctx // the owner's
	panics  []string
	stacks  []string
}

// NewOwner makes one.
func NewOwner() *Owner {
	o := &Owner{}
	o.Context = recovery.WithOwner(context.Background(), func(message, stack string) {
		o.panics, o.stacks = append(o.panics, message), append(o.stacks, stack)
	})

	return o
}

// Wants checks that one panic more was told of, with where it was.
func (o *Owner) Wants(t *testing.T, what, where string) {
	t.Helper()
	if len(o.panics) != 1 || !strings.Contains(o.stacks[0], where) {
		t.Errorf("%s: told of %q, with %q", what, o.panics, o.stacks)
	}
	o.panics, o.stacks = nil, nil
}
