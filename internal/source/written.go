package source

import (
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/frames"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/coded"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/engine"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/generated"
)

// CodedTrack is of coded frames that the app writes, and CodedOptions what it is made of.
type (
	CodedTrack   = coded.Track
	CodedOptions = coded.Options
)

// What writing a coded frame fails with.
var (
	ErrCodedFull  = coded.ErrFull
	ErrCodedFrame = coded.ErrFrame
)

// NewCodedTrack makes a track, or refuses a codec or a description.
func NewCodedTrack(options CodedOptions) (*CodedTrack, error) {
	return coded.NewTrack(options) //nolint:wrapcheck // a refusal in words
}

// GeneratorEvents are what the owner of a Generator wants to hear.
type GeneratorEvents = generated.Told

// What writing to a Generator fails with.
var (
	ErrGeneratorFull  = generated.ErrFull
	ErrGeneratorEnded = generated.ErrEnded
)

// Generator takes the pictures or the sound of a source. It is safe for concurrent use, and doesn't block for long.
type Generator interface {
	// Write borrows a frame for the call.
	Write(f *frames.Frame) error
	// Clear drops what waits, and Queued is how long that plays.
	Clear()
	Queued() time.Duration
	// Mark asks for a call of Sent, once what was written so far has gone out.
	Mark()
}

// WrittenTrack is the first of a Generator.
type WrittenTrack struct {
	Kind media.Kind
	ID   string
	// Hardware is to encode pictures, where there is some: those of its clones too.
	Hardware bool
}

// AddGenerator makes a source of what is written to a Generator, with a track. It fails with ErrClosed once the Registry
// is closed.
func (r *Registry) AddGenerator(track WrittenTrack, told GeneratorEvents) (Generator, *Opened, error) {
	var made interface {
		engine.Engine
		Generator
	}
	if track.Kind == media.Audio {
		made = generated.NewAudio(told)
	} else {
		made = generated.NewVideo(told)
	}
	opened, err := r.add(made, track.Kind, track.ID)
	opened.prefer(track.Hardware)

	return made, opened, err
}
