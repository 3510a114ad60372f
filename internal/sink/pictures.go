package sink

import (
	"fmt"
	"math"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/frames"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// mostSide of a picture that is asked for, in pixels.
const mostSide = 8192

// longestInterval between two pictures is that of the lowest frame rate there is: a day.
const longestInterval = 24 * time.Hour

// matrixOf is what the luma and chroma of a picture mean.
func matrixOf(frame *media.VideoFrame) float64 {
	if frame.Matrix == 0 {
		return media.MatrixBT601
	}
	return float64(frame.Matrix)
}

// VideoOptions is how pictures are to be.
type VideoOptions struct {
	// Width and Height in pixels; 0 is the picture's own, or what keeps the shape of one of which the other is set.
	Width, Height int
	// Format; 0 is I420, which costs nothing.
	Format frames.PixelFormat
	// MaxFrameRate in pictures a second; 0 is all.
	MaxFrameRate float64
}

// pictures makes frames of pictures.
type pictures struct {
	options VideoOptions
	maker   av.PictureMaker
	clock   forward
	// next is the time from which on a picture is within the frame rate.
	next  time.Duration
	begun bool
	black *media.VideoFrame
}

func newPictures(o VideoOptions) (*pictures, error) {
	if o.Format == 0 {
		o.Format = frames.I420
	}
	switch {
	case !o.Format.Known():
		return nil, fmt.Errorf("%w: video.format: there is none of number %d", ErrOptions, o.Format)
	case o.Width < 0 || o.Width > mostSide || o.Height < 0 || o.Height > mostSide:
		return nil, fmt.Errorf("%w: video.width and video.height: %dx%d, of %d at the most", ErrOptions, o.Width, o.Height, mostSide)
	case !(o.MaxFrameRate >= 0):
		return nil, fmt.Errorf("%w: video.maxFrameRate: %v", ErrOptions, o.MaxFrameRate)
	}
	return &pictures{options: o}, nil
}

// make gives a frame with a reference for the caller, or nil of a picture that is above the frame rate.
func (p *pictures) make(frame *media.VideoFrame, enabled bool) (*frames.Frame, error) {
	at := p.clock.follow(frame.PTS, time.Millisecond)
	if !p.inRate(at) {
		return nil, nil
	}
	if !enabled {
		frame = p.blank(frame)
	}
	width, height := p.size(frame)
	head := frames.Head{
		Kind: frames.KindVideo, Format: float64(p.options.Format), Timestamp: frames.Microseconds(at),
		Width: float64(width), Height: float64(height), Matrix: matrixOf(frame),
	}
	switch {
	case p.options.Format > frames.NV12:
		head.Matrix, head.FullRange = 0, 1
	case frame.FullRange:
		head.FullRange = 1
	}
	if p.options.Format != frames.I420 || width != frame.Width || height != frame.Height {
		return p.maker.Make(frame, head)
	}
	head.Stride = [frames.MostPlanes]float64{float64(frame.YStride), float64(frame.UVStride), float64(frame.UVStride)}
	frame.Retain()
	made := frames.New(head, [][]byte{frame.Y, frame.U, frame.V}, frame.Release)
	made.From = frame
	return made, nil
}

// size is what is asked for, of a picture.
func (p *pictures) size(frame *media.VideoFrame) (width, height int) {
	width, height = p.options.Width, p.options.Height
	switch {
	case width == 0 && height == 0:
		return frame.Width, frame.Height
	case width == 0:
		width = scaled(height, frame.Width, frame.Height)
	case height == 0:
		height = scaled(width, frame.Height, frame.Width)
	}
	return width, height
}

func scaled(side, of, other int) int {
	return min(max(int(math.Round(float64(side)*float64(of)/float64(other))), 1), mostSide)
}

// inRate leaves out pictures above the frame rate that was asked for.
func (p *pictures) inRate(at time.Duration) bool {
	if p.options.MaxFrameRate == 0 {
		return true
	}
	const jitter = 2 * time.Millisecond
	if p.begun && at < p.next-jitter {
		return false
	}
	interval := time.Duration(min(float64(time.Second)/p.options.MaxFrameRate, float64(longestInterval)))
	p.next += interval
	if !p.begun || p.next < at {
		p.next = at + interval
	}
	p.begun = true
	return true
}

// blank is a black picture of the same size, which is kept.
func (p *pictures) blank(like *media.VideoFrame) *media.VideoFrame {
	if p.black == nil || p.black.Width != like.Width || p.black.Height != like.Height {
		p.black = media.NewBlackFrame(like.Width, like.Height)
	}
	return p.black
}

func (p *pictures) close() { p.maker.Close() }

// forward is a clock that never goes back, of times that may begin anew.
type forward struct {
	begun       bool
	offset, now time.Duration
}

// follow gives the time of at, no less than step after the last.
func (f *forward) follow(at, step time.Duration) time.Duration {
	at += f.offset
	if f.begun && at < f.now+step {
		f.offset += f.now + step - at
		at = f.now + step
	}
	f.begun, f.now = true, at
	return at
}
