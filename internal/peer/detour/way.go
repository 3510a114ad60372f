package detour

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"sync"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/frames"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

const (
	// mostWaiting frames wait for the app; what is more drops out, of video up to the next keyframe.
	mostWaiting = 60
	// mostAway are those that the app has taken, and has not written yet.
	mostAway = 256
	// MostBytes is the size of the largest frame that is taken back.
	MostBytes = 8 << 20
)

// ErrTooLarge is of a frame that is larger than MostBytes.
var ErrTooLarge = errors.New("the frame is too large")

// Options are what a Way needs of its owner.
type Options struct {
	Kind media.Kind
	// News says that there is a frame for who found none. Keyframe asks for one of a stream. Deliver gets the frames
	// of a stream that came back, one at a time and in order.
	News     func()
	Keyframe func(stream int)
	Deliver  func(stream int, frame *media.EncodedFrame)
	// Start runs the goroutine that delivers.
	Start func(name string, f func(ctx context.Context))
}

// About is what RTP says of a frame.
type About struct {
	SSRC        uint32
	PayloadType uint8
	Timestamp   uint32
	// Width and Height are those of a keyframe, where layers don't say; 0 is unknown.
	Width, Height int
}

// Way is the detour of the streams of one sender or receiver. It is safe for concurrent use, and nobody waits in it but
// who delivers.
type Way struct {
	options Options
	mailbox *frames.Mailbox
	work    chan struct{}

	// putting keeps the frames of several streams in the order of their numbers.
	putting sync.Mutex
	// sizes are those of the streams, since their last keyframes.
	sizes map[int]size

	mu      sync.Mutex
	counter uint64
	// away are the frames that the app may write, by their numbers; first is the lowest that may be there.
	away  map[uint64]part
	first uint64
	// waiting are those that nobody has taken yet, and broken the streams that wait for a keyframe.
	waiting int
	broken  map[int]bool
	// written is the number of the last frame that came back: what is older would be out of order.
	written uint64
	// picture are the spatial layers of a picture that came back so far, and back what is to be delivered.
	picture picture
	back    []delivery
	closed  bool
}

type size struct{ width, height int }

// part is a frame that is away, or one spatial layer of it.
type part struct {
	stream   int
	original *media.EncodedFrame
	layer    int
}

type delivery struct {
	stream int
	frame  *media.EncodedFrame
}

// New begins a detour.
func New(options Options) *Way {
	w := &Way{
		options: options, work: make(chan struct{}, 1),
		away: make(map[uint64]part), first: 1, broken: make(map[int]bool), sizes: make(map[int]size),
	}
	w.mailbox = frames.NewMailbox(mostWaiting, mostWaiting, options.News)
	options.Start("delivering frames of the app", w.run)

	return w
}

// Send hands a frame of a stream to the app, each spatial layer by itself.
func (w *Way) Send(stream int, frame *media.EncodedFrame, about About) {
	w.putting.Lock()
	defer w.putting.Unlock()
	layers := max(len(frame.Layers), 1)
	first, wanted := w.admit(stream, frame, layers)
	if first == 0 {
		w.mailbox.Drop(layers)
		if wanted {
			w.options.Keyframe(stream)
		}

		return
	}
	if frame.Keyframe {
		w.sizes[stream] = size{about.Width, about.Height}
	}
	about.Width, about.Height = w.sizes[stream].width, w.sizes[stream].height
	for i := range layers {
		data := frame.Data
		if layers > 1 {
			data = frame.Layers[i].Data
		}
		one := frames.New(w.head(frame, i, about), planes(frame, data), nil)
		one.From = first + uint64(i) //nolint:gosec // below 4
		w.mailbox.Put(one)
	}
}

// admit gives the number of the first part of a frame; 0 is that there is no room, and then says whether a keyframe has
// to be asked for.
func (w *Way) admit(stream int, frame *media.EncodedFrame, layers int) (first uint64, wanted bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return 0, false
	}
	video := w.options.Kind == media.Video
	full := w.waiting+layers > mostWaiting
	if video && (full || w.broken[stream] && !frame.Keyframe) {
		w.broken[stream] = true

		return 0, true
	}
	delete(w.broken, stream)
	first = w.counter + 1
	for i := range layers {
		w.counter++
		w.away[w.counter] = part{stream, frame, i}
	}
	// Of sound the mailbox drops the oldest.
	w.waiting = min(w.waiting+layers, mostWaiting)
	w.forgetBefore(w.counter - min(w.counter, mostAway-1))

	return first, false
}

// planes are the data of a frame, and who contributed to it.
func planes(frame *media.EncodedFrame, data []byte) [][]byte {
	all := [][]byte{data}
	if frame.Received == nil || len(frame.Received.Sources) == 0 {
		return all
	}
	var sources []byte
	for _, source := range frame.Received.Sources {
		sources = binary.LittleEndian.AppendUint32(sources, source)
	}

	return append(all, sources)
}

// layerOf is a number of package frames.
func layerOf(number int) float64 {
	if number < 0 {
		return math.NaN()
	}

	return float64(number)
}

func (w *Way) head(frame *media.EncodedFrame, layer int, about About) frames.Head {
	head := frames.Head{
		Kind: frames.KindCodedAudio, Timestamp: frames.Microseconds(frame.PTS),
		Duration: frames.Microseconds(frame.Duration),
		SSRC:     float64(about.SSRC), PayloadType: float64(about.PayloadType), RTPTimestamp: float64(about.Timestamp),
		AudioLevel: float64(frame.AudioLevel), Lost: float64(frame.Lost),
	}
	if w.options.Kind == media.Video {
		head.Kind = frames.KindCodedVideo
		head.Width, head.Height = float64(about.Width), float64(about.Height)
	}
	if got := frame.Received; got != nil {
		head.SequenceNumber = float64(got.Sequence)
		head.Spatial, head.Temporal = layerOf(got.Spatial), layerOf(got.Temporal)
	}
	if frame.Keyframe && layer == 0 {
		head.Key = 1
	}
	if layer < len(frame.Layers) {
		l := frame.Layers[layer]
		head.Spatial, head.Temporal = float64(l.Spatial), float64(l.Temporal)
		head.Width, head.Height = float64(l.Width), float64(l.Height)
	}

	return head
}

// TakeFrame gives the app the next frame, with its number as Sequence, or nil.
func (w *Way) TakeFrame() (*frames.Frame, error) {
	frame, err := w.mailbox.Take()
	if frame == nil || err != nil {
		return nil, err //nolint:wrapcheck // of the mailbox
	}
	if number, ok := frame.From.(uint64); ok {
		frame.Sequence = float64(number)
	}
	w.mu.Lock()
	w.waiting = max(w.waiting-1, 0)
	w.mu.Unlock()

	return frame, nil
}

// WriteFrame takes a frame back, by its Sequence. As W3C has it, one that is not of here, was written already, or is
// older than one that was, goes nowhere. The frame is borrowed for the call.
func (w *Way) WriteFrame(f *frames.Frame) error {
	if f.Size > MostBytes {
		return fmt.Errorf("%w: %.0f bytes, expected at most %d", ErrTooLarge, f.Size, MostBytes)
	}
	var data []byte
	if len(f.Planes) > 0 {
		data = bytes.Clone(f.Planes[0])
	}
	number := uint64(max(f.Sequence, 0))
	w.mu.Lock()
	defer w.mu.Unlock()
	one, known := w.away[number]
	if w.closed || !known {
		return nil
	}
	w.written = number
	w.forgetBefore(number + 1)
	w.back = w.picture.add(w.back, one, data)
	select {
	case w.work <- struct{}{}:
	default:
	}

	return nil
}

// Forget drops what is away of a stream whose feed has ended: its times have nothing to do with those of the next.
func (w *Way) Forget(stream int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for number, one := range w.away {
		if one.stream == stream {
			delete(w.away, number)
		}
	}
}

func (w *Way) forgetBefore(number uint64) {
	for ; w.first < number; w.first++ {
		delete(w.away, w.first)
	}
}

// Dropped are the frames that there was no room for, since the last that was taken.
func (w *Way) Dropped() uint64 {
	_, dropped := w.mailbox.Counts()

	return dropped
}

func (w *Way) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-w.work:
		}
		w.mu.Lock()
		back, closed := w.back, w.closed
		w.back = nil
		w.mu.Unlock()
		if closed {
			return
		}
		for _, one := range back {
			w.options.Deliver(one.stream, one.frame)
		}
	}
}

// Close ends the detour: nothing is delivered any more but what is being. It may be called twice.
func (w *Way) Close() {
	w.mu.Lock()
	w.closed, w.away, w.back = true, nil, nil
	w.mu.Unlock()
	w.mailbox.Close()
	select {
	case w.work <- struct{}{}:
	default:
	}
}
