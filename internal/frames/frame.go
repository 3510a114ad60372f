package frames

import "sync/atomic"

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

// With is the same memory with another head, which keeps what describes the memory. It has a reference of its own.
func (f *Frame) With(head Head) *Frame {
	f.Retain()
	head.Kind, head.Format, head.Stride = f.Kind, f.Format, f.Stride
	head.Width, head.Height = f.Width, f.Height
	head.SampleRate, head.Channels, head.Samples = f.SampleRate, f.Channels, f.Samples
	again := New(head, f.Planes, f.Release)
	again.From = f.From
	return again
}
