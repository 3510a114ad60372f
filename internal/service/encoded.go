package service

import (
	"errors"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/core"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/frames"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/wire"
)

// encodedHandle is the detour of a sender or a receiver: core.FrameSource and core.FrameTarget.
type encodedHandle struct {
	*peer.EncodedStreams
	peer *peerHandle
}

func (e *encodedHandle) owner() *worker { return e.peer.worker }

func registerEncoded(r *core.Registry) {
	core.HandleOn(r, wire.SenderCreateEncodedStreams, func(c *core.Call, s *senderHandle, _ wire.Empty) (wire.Handle, error) {
		handle, err := createEncodedStreams(c, s.peer, s.EncodedStreams)
		if err != nil {
			return wire.Handle{}, err
		}
		s.encoded.Store(handle)

		return wire.Handle{Handle: handle}, nil
	})
	core.HandleOn(r, wire.ReceiverCreateEncodedStreams, func(c *core.Call, h *receiverHandle, _ wire.Empty) (wire.Handle, error) {
		handle, err := createEncodedStreams(c, h.peer, h.EncodedStreams)
		if err != nil {
			return wire.Handle{}, err
		}
		h.OnEnded(func() { h.peer.drop(handle) })

		return wire.Handle{Handle: handle}, nil
	})
}

func createEncodedStreams(c *core.Call, p *peerHandle, open func(news func()) (*peer.EncodedStreams, error)) (uint64, error) {
	e := &encodedHandle{peer: p}
	ready := make(chan struct{})
	handle := c.Env.NewHandle(e)
	streams, err := open(func() {
		<-ready
		c.Env.Emit(handle, wire.EncodedStreamsFrame, wire.Empty{})
	})
	e.EncodedStreams = streams
	close(ready)
	if err != nil {
		c.Env.Release(handle)

		return 0, refusal(err)
	}
	p.parts.add(handle)

	return handle, nil
}

// WriteFrame implements core.FrameTarget.
func (e *encodedHandle) WriteFrame(f *frames.Frame) error {
	err := e.EncodedStreams.WriteFrame(f)
	if errors.Is(err, peer.ErrFrameTooLarge) {
		return errors.Join(core.ErrTooLarge, err)
	}

	return err //nolint:wrapcheck // there is no other
}
