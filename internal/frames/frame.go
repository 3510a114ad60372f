package frames

import (
	"fmt"
	"sync/atomic"
)

// Frame is a picture, a piece of sound or a coded frame, shared between its readers: nobody changes Planes.
//
// Who is handed a frame owns one reference, and calls Release once; who gives it on to another calls Retain for it.
type Frame struct {
	Head
	// Planes are Stride[i] bytes a row. Of sound there is one, or one a channel. A coded frame has one. A picture of
	// FFmpeg's is its memory, not Go's.
	Planes [][]byte
	// From is for who gets the frame back: what it was made of, or its number there. It may be nil.
	From any

	free       func()
	references atomic.Int32
}

// New makes a frame that its caller owns a reference of. free (may be nil) is called after the last Release, on any
// goroutine.
func New(head Head, planes [][]byte, free func()) *Frame {
	f := &Frame{Head: head, Planes: planes, free: free}
	f.Head.Planes = float64(len(planes))
	f.Size = 0
	for _, plane := range planes {
		f.Size += float64(len(plane))
	}
	f.references.Store(1)
	return f
}

// Retain adds a reference.
func (f *Frame) Retain() *Frame {
	f.references.Add(1)
	return f
}

// Release gives a reference up. The planes may not be read after it.
func (f *Frame) Release() {
	if f.references.Add(-1) == 0 && f.free != nil {
		f.free()
	}
}

// Part is With of a picture's rectangle X, Y, Width, Height of head; all of it where Width is 0, and of other frames.
// It begins with the first of pixels that share their chroma.
func (f *Frame) Part(head Head) (*Frame, error) {
	if f.Kind != KindVideo || head.Width == 0 {
		return f.With(head), nil
	}
	x, y, width, height, err := f.rectangle(&head)
	if err != nil {
		return nil, err
	}
	format := PixelFormat(f.Format)
	if columns, rows := format.sharing(); x%columns != 0 || y%rows != 0 {
		return nil, fmt.Errorf("%w: from %d, %d on, in the middle of pixels of one chroma", ErrSize, x, y)
	}
	planes := make([][]byte, len(f.Planes))
	for i, plane := range f.Planes {
		left, above := format.PlaneSize(i, x, y)
		bytes, rows := format.PlaneSize(i, width, height)
		stride := int(f.Stride[i])
		first := above*stride + left
		end := first + (rows-1)*stride + bytes
		if rows == 0 || stride < bytes || end > len(plane) {
			return nil, fmt.Errorf("%w: %dx%d from %d, %d on of plane %d", ErrSize, width, height, x, y, i)
		}
		planes[i] = plane[first:end:end]
	}
	part := f.with(head, planes)
	part.Width, part.Height = float64(width), float64(height)

	return part, nil
}

// rectangle reads a part of a picture.
func (f *Frame) rectangle(part *Head) (x, y, width, height int, err error) {
	numbers := [4]int{}
	for i, number := range []float64{part.X, part.Y, part.Width, part.Height} {
		if numbers[i], err = whole(number, mostSide); err != nil {
			return 0, 0, 0, 0, err
		}
	}
	x, y, width, height = numbers[0], numbers[1], numbers[2], numbers[3]
	if float64(x+width) > f.Width || float64(y+height) > f.Height {
		return 0, 0, 0, 0, fmt.Errorf("%w: %dx%d from %d, %d on of %vx%v", ErrSize, width, height, x, y, f.Width, f.Height)
	}

	return x, y, width, height, nil
}

// With is the same memory with another head, which keeps what describes the memory. It has a reference of its own.
func (f *Frame) With(head Head) *Frame { return f.with(head, f.Planes) }

func (f *Frame) with(head Head, planes [][]byte) *Frame {
	f.Retain()
	head.Kind, head.Format, head.Stride = f.Kind, f.Format, f.Stride
	head.Width, head.Height = f.Width, f.Height
	head.SampleRate, head.Channels, head.Samples = f.SampleRate, f.Channels, f.Samples
	again := New(head, planes, f.Release)
	again.From = f.From
	return again
}
