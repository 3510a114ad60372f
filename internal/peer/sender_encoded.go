package peer

import (
	"fmt"
	"sync/atomic"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/detour"
)

// EncodedStreams is the app's way for coded frames: W3C's createEncodedStreams().
type EncodedStreams = detour.Way

// ErrFrameTooLarge is of a frame of the app's that is larger than any.
var ErrFrameTooLarge = detour.ErrTooLarge

// detoured is where a sender or a receiver keeps its detour; empty is that frames go straight.
type detoured struct{ way atomic.Pointer[detour.Way] }

// take makes the detour, once.
func (d *detoured) take(options detour.Options) (*detour.Way, error) {
	way := detour.New(options)
	if !d.way.CompareAndSwap(nil, way) {
		way.Close()

		return nil, fmt.Errorf("%w: its encoded streams were made already", ErrInvalidState)
	}

	return way, nil
}

// close lets nothing through any more.
func (d *detoured) close() {
	if way := d.way.Load(); way != nil {
		way.Close()
	}
}

// EncodedStreams has the frames of all encodings go through the app from now on, to be packetized as they come back. news says
// that there are some for who found none. It is called once.
func (s *Sender) EncodedStreams(news func()) (*EncodedStreams, error) {
	s.mu.Lock()
	stopped := s.stopped
	s.mu.Unlock()
	if stopped {
		return nil, ErrClosed
	}

	return s.encoded.take(detour.Options{
		Kind: s.kind, News: news, Start: s.peer.start,
		Keyframe: func(stream int) { s.layers[stream].requestKeyframe() },
		Deliver:  func(stream int, frame *media.EncodedFrame) { s.layers[stream].out.WriteFrame(frame) },
	})
}

// WriteFrame implements media.Sink: a frame of the layer's feed becomes packets, or goes to the app.
func (l *layer) WriteFrame(frame *media.EncodedFrame) {
	way := l.sender.encoded.way.Load()
	if way == nil {
		l.out.WriteFrame(frame)

		return
	}
	counts := l.out.Counts()
	way.Send(l.index, frame, detour.About{
		SSRC: l.ears.ssrc, PayloadType: counts.PayloadType, Timestamp: l.out.Timestamp(frame.PTS, time.Now()),
	})
}
