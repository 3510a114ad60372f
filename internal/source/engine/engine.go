package engine

import (
	"context"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// Engine plays one source: it gets raw pictures and sound from somewhere and
// delivers them in real time on one clock.
type Engine interface {
	// Name is how messages call the source: file "/a.mp4".
	Name() string
	// Can tells why a kind can't be had of the source; nil says that it can.
	Can(kind media.Kind) error
	// Framerate is in pictures a second; 0 is unknown.
	Framerate() float64
	// Live says that what it gives can't wait: it has no beginning.
	Live() bool
	// DeliverTo and Prime are called before Run. Prime begins with a kind before
	// anybody reads it, so that the first frame is there at once.
	DeliverTo(o Output)
	Prime(kind media.Kind)
	// Run plays until ctx ends or nothing is left to play. wake makes it look at
	// what is wanted.
	Run(ctx context.Context, wake <-chan struct{})
	// Close frees everything, after run or instead of it.
	Close()
}

// Output is where an engine delivers to. All is called on the goroutine of run.
type Output interface {
	// Wanted reports whether anybody reads the kind.
	Wanted(kind media.Kind) bool
	// Expected reports whether anybody has a track of the kind, and may read it soon.
	Expected(kind media.Kind) bool
	// Held says that what does not play yet is not to begin.
	Held() bool
	// Awaited reports whether somebody waits for a picture, or for a keyframe: no encoder makes one without a picture.
	Awaited() bool
	// DeliverVideo lends frame; dropped came before it and too late.
	DeliverVideo(frame *media.VideoFrame, dropped int)
	// LeaveOut tells of pictures that were too late, and had none after them to be told with.
	LeaveOut(dropped int)
	DeliverAudio(piece *media.AudioFrame)
	// EndKind tells that no more comes of the kind.
	EndKind(kind media.Kind, reason error)
}
