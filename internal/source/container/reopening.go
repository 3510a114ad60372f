package container

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/recovery"
)

// ErrChanged is a container that has other streams than when it was first opened.
var ErrChanged = errors.New("it has changed meanwhile")

// reopenTimeout bounds opening again.
const reopenTimeout = 10 * time.Second

// reopening is a demuxer that can be opened again.
type reopening struct {
	*av.Demuxer
	open   func(ctx context.Context) (*av.Demuxer, error)
	life   context.Context //nolint:containedctx // says whose it is
	active map[int]bool
}

// openAgain lets a container begin anew by opening it again, which belongs to owner and does not end with it.
func (c *Container) openAgain(owner context.Context, inner *av.Demuxer, open func(ctx context.Context) (*av.Demuxer, error)) {
	c.demuxer = &reopening{Demuxer: inner, open: open, life: recovery.Inherit(context.Background(), owner), active: make(map[int]bool)}
}

// SetActive implements demuxer.
func (d *reopening) SetActive(index int, active bool) {
	d.active[index] = active
	d.Demuxer.SetActive(index, active)
}

// Reopen implements demuxer.
func (d *reopening) Reopen() error {
	ctx, cancel := context.WithTimeout(d.life, reopenTimeout)
	defer cancel()
	again, err := d.open(ctx)
	if err != nil {
		return fmt.Errorf("open it again: %w", err)
	}
	if !Replaces(d.Streams(), again, d.active) {
		again.Close()
		return ErrChanged
	}
	d.Demuxer.Close()
	d.Demuxer = again
	return nil
}

// Replaces reports whether again has the streams that were there before, of which it
// then reads the active ones.
func Replaces(before []av.Stream, again *av.Demuxer, active map[int]bool) bool {
	after := again.Streams()
	if len(before) != len(after) {
		return false
	}
	for i := range before {
		if before[i].Kind != after[i].Kind || before[i].Codec != after[i].Codec {
			return false
		}
		again.SetActive(i, active[i])
	}
	return true
}
