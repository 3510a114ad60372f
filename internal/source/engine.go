package source

import (
	"context"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// engine plays one source: it gets raw pictures and sound from somewhere and
// delivers them in real time on one clock.
type engine interface {
	// name is how messages call the source: file "/a.mp4".
	name() string
	// can tells why a kind can't be had of the source; nil says that it can.
	can(kind media.Kind) error
	// framerate is in pictures a second; 0 is unknown.
	framerate() float64
	// live says that what it gives can't wait: it has no beginning.
	live() bool
	// deliverTo and prime are called before run. prime begins with a kind before
	// anybody reads it, so that the first frame is there at once.
	deliverTo(o output)
	prime(kind media.Kind)
	// run plays until ctx ends or nothing is left to play. wake makes it look at
	// what is wanted.
	run(ctx context.Context, wake <-chan struct{})
	// close frees everything, after run or instead of it.
	close()
}

// output is where an engine delivers to. All is called on the goroutine of run.
type output interface {
	// wanted reports whether anybody reads the kind.
	wanted(kind media.Kind) bool
	// expected reports whether anybody has a track of the kind, and may read it soon.
	expected(kind media.Kind) bool
	// held says that what does not play yet is not to begin.
	held() bool
	// deliverVideo lends frame; dropped came before it and too late.
	deliverVideo(frame *media.VideoFrame, dropped int)
	deliverAudio(piece *media.AudioFrame)
	// endKind tells that no more comes of the kind.
	endKind(kind media.Kind, reason error)
}

// openEngine opens what spec names; value is what its check gave. It leaves
// nothing open when it fails.
func openEngine(ctx context.Context, start Start, log Logger, spec Spec, value string) (engine, error) {
	ctx, cancel := context.WithTimeout(ctx, spec.patience())
	defer cancel()
	if spec.Type == "device" {
		return openDevice(ctx, start, spec)
	}
	var c *container
	var err error
	switch spec.Type {
	case "url":
		c, err = openURL(ctx, start, log, spec, value)
	default:
		c, err = openFile(ctx, value, spec.Options)
	}
	if err != nil {
		return nil, err
	}
	p := newPlayer(c, spec.Loop)
	p.pass(ctx, spec.Decode)
	p.openDecoders(p.decoded)
	if ctx.Err() != nil {
		p.close()
		return nil, c.cancelled(ctx)
	}
	return p, nil
}
