package sink

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/frames"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// What waits for a reader, and what it may hold, unless it asks for more.
const (
	usualPictures = 3
	usualPieces   = 100
	// mostRoom is what may be asked for.
	mostRoom = 1000
	// mostHeldPictures are 32, and each may be 3 MB. A piece of sound is a thousandth of that.
	mostHeldPictures = 32
	mostHeldPieces   = 3000
)

// What reading fails with, besides what attaching does.
var (
	ErrOptions    = errors.New("reading a track")
	ErrUnreadable = errors.New("this track has no frames that can be read")
)

// ReaderOptions is what a reader asks for.
type ReaderOptions struct {
	// Room is how many frames wait; 0 is the usual.
	Room  int
	Video VideoOptions
	Audio AudioOptions
	// Ready is told that there is a frame for who found none; Ended, that no more comes, and why.
	Ready func()
	Ended func(reason error)
}

// source is where a reader has its frames from: a Tap or a rawTap.
type source interface {
	Finish(f func())
	Close()
}

// Reader gives the frames of a track, decoded and converted. It is safe for concurrent use.
type Reader struct {
	track   media.Track
	options ReaderOptions
	mailbox *frames.Mailbox
	source  source
	enabled func() bool
	// lost is how many frames the source had no time for.
	lost func() uint64

	// The rest is of the goroutine that decodes.
	pictures *pictures
	sound    *sound
	told     uint64
	// undecoded is why something could not be decoded; unmade, why the last could not be made what is asked for.
	undecoded, unmade error

	closing sync.Once
}

// NewReader attaches to track, which is decoded from now on. start runs the decoding goroutine. Close ends it.
func NewReader(track media.Track, options ReaderOptions, start func(name string, f func(ctx context.Context))) (*Reader, error) {
	if options.Room < 0 || options.Room > mostRoom {
		return nil, fmt.Errorf("%w: %d frames are to wait, of %d at the most", ErrOptions, options.Room, mostRoom)
	}
	r := &Reader{track: track, options: options}
	usual, held := usualPictures, mostHeldPictures
	var err error
	if track.Kind() == media.Video {
		r.pictures, err = newPictures(options.Video)
	} else {
		usual, held = usualPieces, mostHeldPieces
		r.sound, err = newSound(options.Audio)
	}
	if err != nil {
		return nil, err
	}
	if options.Room > 0 {
		usual = options.Room
	}
	r.mailbox = frames.NewMailbox(usual, held, options.Ready)
	if err := r.attach(start); err != nil {
		r.free()
		return nil, err
	}
	return r, nil
}

// End tells that the track has ended: what has come is handed out, then Ended is told.
func (r *Reader) End(reason error) {
	r.source.Finish(func() { r.end(reason) })
}

func (r *Reader) attach(start func(name string, f func(ctx context.Context))) error {
	handlers := Handlers{
		Video: r.writeVideo, Audio: r.writeAudio,
		Error: func(err error) { r.undecoded = err },
	}
	// The goroutine begins when all of r is there.
	var name string
	var run func(ctx context.Context)
	later := func(n string, f func(ctx context.Context)) { name, run = n, f }
	switch track := r.track.(type) {
	case media.RawTrack:
		tap, err := newRawTap(track, handlers, later)
		if err != nil {
			return err
		}
		r.source, r.enabled, r.lost = tap, track.Enabled, tap.Dropped
	case media.CodedTrack:
		tap, err := NewTap(reading{track}, track.Codec(), media.EncodingSettings{}, handlers, later)
		if err != nil {
			return err
		}
		r.source, r.enabled = tap, track.Enabled
		r.lost = func() uint64 { return tap.Stats().Dropped }
	default:
		return ErrUnreadable
	}
	start(name, run)
	return nil
}

// reading is a track whose readers get it while it is disabled, too.
type reading struct{ media.CodedTrack }

// Attach implements media.Track.
func (r reading) Attach(_ media.Codec, _ media.EncodingSettings, sink media.Sink) (media.Feed, error) {
	return r.AttachReader(sink)
}

func (r *Reader) writeVideo(frame *media.VideoFrame) {
	r.tell()
	made, err := r.pictures.make(frame, r.enabled())
	if made != nil || err != nil {
		r.unmade = err
	}
	if made != nil {
		r.mailbox.Put(made)
	}
}

func (r *Reader) writeAudio(frame *media.AudioFrame) {
	r.tell()
	r.unmade = r.sound.write(frame, r.enabled(), r.mailbox.Put)
}

// tell counts what was lost on the way to here.
func (r *Reader) tell() {
	if lost := r.lost(); lost > r.told {
		r.mailbox.Drop(int(lost - r.told)) //nolint:gosec // of frames
		r.told = lost
	}
}

// end hands out what is left.
func (r *Reader) end(reason error) {
	if r.sound != nil {
		if err := r.sound.finish(r.mailbox.Put); err != nil {
			r.unmade = err
		}
	}
	if reason == nil {
		reason = r.unmade
	}
	if put, _ := r.mailbox.Counts(); put == 0 && reason == nil {
		// Nothing came of it: why, is what there is to say.
		reason = r.undecoded
	}
	r.options.Ended(reason)
}

// Lost counts the frames that the reader, or the decoder before it, had no time for.
func (r *Reader) Lost() uint64 { return r.mailbox.Lost() }

// TakeFrame implements core.FrameSource.
func (r *Reader) TakeFrame() (*frames.Frame, error) { return r.mailbox.Take() }

// Close detaches from the track. It may be called twice, and not from Ready or Ended.
func (r *Reader) Close() {
	r.closing.Do(func() {
		r.source.Close()
		r.mailbox.Close()
		r.free()
	})
}

func (r *Reader) free() {
	if r.pictures != nil {
		r.pictures.close()
	}
	if r.sound != nil {
		r.sound.close()
	}
}
