package source

import (
	"context"
	"errors"
	"fmt"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
)

// errChanged is a container that has other streams than when it was first opened.
var errChanged = errors.New("it has changed meanwhile")

// reopening is a demuxer that can be opened again.
type reopening struct {
	*av.Demuxer
	open   func(ctx context.Context) (*av.Demuxer, error)
	active map[int]bool
}

// openAgain lets a container begin anew by opening it again.
func (c *container) openAgain(open func(ctx context.Context) (*av.Demuxer, error)) {
	if inner, ok := c.demuxer.(*av.Demuxer); ok {
		c.demuxer = &reopening{Demuxer: inner, open: open, active: make(map[int]bool)}
	}
}

// SetActive implements demuxer.
func (d *reopening) SetActive(index int, active bool) {
	d.active[index] = active
	d.Demuxer.SetActive(index, active)
}

// Reopen implements demuxer.
func (d *reopening) Reopen() error {
	ctx, cancel := context.WithTimeout(context.Background(), defaultTimeout)
	defer cancel()
	again, err := d.open(ctx)
	if err != nil {
		return fmt.Errorf("open it again: %w", err)
	}
	if !replaces(d.Streams(), again, d.active) {
		again.Close()
		return errChanged
	}
	d.Demuxer.Close()
	d.Demuxer = again
	return nil
}

// replaces reports whether again has the streams that were there before, of which it
// then reads the active ones.
func replaces(before []av.Stream, again *av.Demuxer, active map[int]bool) bool {
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
