package frames

import (
	"errors"
	"fmt"
	"math"
)

// What a copy fails with.
var (
	ErrFormat = errors.New("no way from this format to that one")
	ErrSize   = errors.New("memory and size do not fit")
)

// Limits of what is made. The largest picture of AV1's level 6 is smaller than that.
const (
	mostSide     = 16384
	mostBytes    = 256 << 20
	mostChannels = 32
	mostSamples  = 10 * 192000
)

// layout is how planes lie: rows of length bytes.
type layout struct{ bytes, rows []int }

// whole reads a number of JavaScript's.
func whole(number float64, most int) (int, error) {
	if !(number >= 0 && number <= float64(most)) || number != math.Trunc(number) {
		return 0, fmt.Errorf("%w: %v, of %d at the most", ErrSize, number, most)
	}

	return int(number), nil
}

// layoutOf is how the planes of a frame lie that is as head says.
func layoutOf(head *Head) (layout, error) {
	var l layout
	switch head.Kind {
	case KindVideo:
		width, err := whole(head.Width, mostSide)
		if err != nil {
			return l, err
		}
		height, err := whole(head.Height, mostSide)
		if err != nil {
			return l, err
		}
		format := PixelFormat(head.Format)
		if !format.Known() || width == 0 || height == 0 {
			return l, fmt.Errorf("%w: a picture of %dx%d in format %v", ErrSize, width, height, head.Format)
		}
		for plane := range format.Planes() {
			bytes, rows := format.PlaneSize(plane, width, height)
			l.bytes, l.rows = append(l.bytes, bytes), append(l.rows, rows)
		}
	case KindAudio:
		channels, err := whole(head.Channels, mostChannels)
		if err != nil {
			return l, err
		}
		samples, err := whole(head.Samples, mostSamples)
		if err != nil {
			return l, err
		}
		format := SampleFormat(head.Format)
		if !format.Known() || channels == 0 {
			return l, fmt.Errorf("%w: sound of %d channels in format %v", ErrSize, channels, head.Format)
		}
		if !format.Planar() {
			return layout{[]int{samples * channels * format.Bytes()}, []int{1}}, nil
		}
		for range channels {
			l.bytes, l.rows = append(l.bytes, samples*format.Bytes()), append(l.rows, 1)
		}
	default:
		return l, fmt.Errorf("%w: frames of kind %v", ErrFormat, head.Kind)
	}

	return l, nil
}

// Copy makes a frame of a copy of data. Planes of a picture begin at Offset with rows of Stride (0: as many bytes as a
// row has) bytes; those of sound follow each other. A coded frame is all of data.
func Copy(head Head, data []byte) (*Frame, error) {
	if len(data) > mostBytes {
		return nil, fmt.Errorf("%w: %d bytes, of %d at the most", ErrSize, len(data), mostBytes)
	}
	if head.Kind == KindCodedAudio || head.Kind == KindCodedVideo {
		return New(head, [][]byte{append([]byte(nil), data...)}, nil), nil
	}
	l, err := layoutOf(&head)
	if err != nil {
		return nil, err
	}
	total := 0
	for i := range l.bytes {
		total += l.bytes[i] * l.rows[i]
	}
	if total > len(data) {
		return nil, fmt.Errorf("%w: %d bytes are needed, there are %d", ErrSize, total, len(data))
	}
	// What converts it reads whole vectors.
	memory := made.get(total + alignment)
	rest, at := memory, 0
	planes := make([][]byte, 0, len(l.bytes))
	for i, bytes := range l.bytes {
		size := bytes * l.rows[i]
		plane := rest[:size:size]
		rest = rest[size:]
		offset, stride := at, bytes
		if head.Kind == KindVideo {
			offset, stride, err = place(&head, i, at, bytes)
		}
		if err == nil {
			err = copyRows(plane, bytes, data, offset, stride, bytes, l.rows[i])
		}
		if err != nil {
			made.put(memory)

			return nil, err
		}
		at += size
		if i < MostPlanes {
			head.Stride[i] = float64(bytes)
		}
		planes = append(planes, plane)
	}

	return New(head, planes, func() { made.put(memory) }), nil
}

// place is where a plane lies in memory that holds all of them: as head says, or at else.
func place(head *Head, plane, at, bytes int) (offset, stride int, err error) {
	if head.Stride[plane] == 0 {
		return at, bytes, nil
	}
	if offset, err = whole(head.Offset[plane], mostBytes); err != nil {
		return 0, 0, err
	}
	stride, err = whole(head.Stride[plane], mostBytes)

	return offset, stride, err
}

// copyRows copies rows of bytes from data, at offset and stride bytes apart, to rows that lie toStride apart.
func copyRows(to []byte, toStride int, data []byte, offset, stride, bytes, rows int) error {
	if rows == 0 || bytes == 0 {
		return nil
	}
	if stride < bytes || offset+stride*(rows-1)+bytes > len(data) || toStride < bytes || toStride*(rows-1)+bytes > len(to) {
		return fmt.Errorf("%w: %d rows of %d bytes, %d apart from %d on, in %d bytes", ErrSize, rows, bytes, stride, offset, len(data))
	}
	if stride == bytes && toStride == bytes {
		copy(to[:rows*bytes], data[offset:])

		return nil
	}
	for range rows {
		copy(to[:bytes], data[offset:offset+bytes])
		offset += stride
		to = to[min(toStride, len(to)):]
	}

	return nil
}

// CopyPart copies a part of a frame: of a picture and a coded frame in its own format, of sound in any. Of a picture that is the rectangle X, Y, Width, Height to
// planes that lie in room as Offset and Stride say, or follow each other; of sound, Samples from Y on of the plane X.
func (f *Frame) CopyPart(part *Head, room []byte) error {
	switch f.Kind {
	case KindVideo:
		return f.copyPicture(part, room)
	case KindAudio:
		return f.copySound(part, room)
	default:
		if len(room) < len(f.Planes[0]) {
			return fmt.Errorf("%w: %d bytes of %d", ErrSize, len(room), len(f.Planes[0]))
		}
		copy(room, f.Planes[0])

		return nil
	}
}

func (f *Frame) copyPicture(part *Head, room []byte) error {
	format := PixelFormat(f.Format)
	x, y, width, height, err := f.rectangle(part)
	if err != nil {
		return err
	}
	at := 0
	for i, plane := range f.Planes {
		bytes, rows := format.PlaneSize(i, width, height)
		left, above := format.PlaneSize(i, x, y)
		offset, stride, err := place(part, i, at, bytes)
		if err != nil {
			return err
		}
		if offset > len(room) {
			return fmt.Errorf("%w: plane %d at %d of %d bytes", ErrSize, i, offset, len(room))
		}
		from := int(f.Stride[i])
		if err := copyRows(room[offset:], stride, plane, above*from+left, from, bytes, rows); err != nil {
			return err
		}
		at += bytes * rows
	}

	return nil
}

func (f *Frame) copySound(part *Head, room []byte) error {
	format, to := SampleFormat(f.Format), SampleFormat(part.Format)
	if to == 0 {
		to = format
	}
	most := 0
	if to.Planar() {
		most = int(f.Channels) - 1
	}
	plane, err := whole(part.X, most)
	if err != nil {
		return err
	}
	first, err := whole(part.Y, int(f.Samples))
	if err != nil {
		return err
	}
	samples, err := whole(part.Samples, int(f.Samples)-first)
	if err != nil {
		return err
	}
	if to != format {
		return f.convertSound(to, plane, first, samples, room)
	}
	size := format.Bytes()
	if !format.Planar() {
		size *= int(f.Channels)
	}

	return copyRows(room, samples*size, f.Planes[plane], first*size, samples*size, samples*size, 1)
}

// alignment of the rows of a frame that is made, in bytes: what fills it, and what reads it, takes whole vectors.
const alignment = 64

// Make gives a frame of pooled memory that its caller fills: as head says, in rows that are padded.
func Make(head Head) (*Frame, error) {
	l, err := layoutOf(&head)
	if err != nil {
		return nil, err
	}
	total := alignment
	strides := make([]int, len(l.bytes))
	for i, bytes := range l.bytes {
		strides[i] = (bytes + alignment - 1) / alignment * alignment
		total += strides[i] * l.rows[i]
	}
	memory := made.get(total)
	planes := make([][]byte, 0, len(l.bytes))
	at := 0
	for i, rows := range l.rows {
		size := strides[i] * rows
		if head.Kind == KindAudio {
			planes = append(planes, memory[at:at+l.bytes[i]:at+size])
		} else {
			planes = append(planes, memory[at:at+size:at+size])
		}
		if i < MostPlanes {
			head.Stride[i] = float64(strides[i])
		}
		at += size
	}

	return New(head, planes, func() { made.put(memory) }), nil
}
