package service

import (
	"context"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/core"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/recovery"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/wire"
)

// channelHandle is a data channel that takes bytes and answers for its buffer.
type channelHandle struct {
	*peer.DataChannel
	peer   *peerHandle
	handle uint64
}

func registerChannel(r *core.Registry) {
	core.HandleOn(r, wire.ChannelClose, func(_ *core.Call, ch *channelHandle, _ wire.Empty) (wire.Empty, error) {
		return wire.Empty{}, refusal(ch.Close())
	})
	core.HandleOn(r, wire.ChannelSetBufferedAmountLowThreshold,
		func(*core.Call, *channelHandle, wire.Threshold) (wire.Empty, error) { return wire.Empty{}, nil })
	// It is in force for what is sent, and what falls, from now on.
	core.AnnouncesWith(r, wire.ChannelSetBufferedAmountLowThreshold, func(ch *channelHandle, t wire.Threshold) {
		recovery.Run(ch.peer.worker.scope.Context(), "the threshold of a data channel", func() {
			ch.SetBufferedAmountLowThreshold(t.Bytes)
		})
	})
}

func createDataChannel(c *core.Call, p *peerHandle, options wire.ChannelOptions) (wire.Handle, error) {
	ch := &channelHandle{peer: p}
	ch.handle = c.Env.NewHandle(ch)
	var err error
	ch.DataChannel, err = p.CreateDataChannel(peer.ChannelOptions{
		Label:             options.Label,
		Protocol:          options.Protocol,
		ID:                options.ID,
		Ordered:           options.Ordered,
		MaxPacketLifeTime: options.MaxPacketLifeTime,
		MaxRetransmits:    options.MaxRetransmits,
	}, (*channelObserver)(ch))
	if err != nil {
		c.Env.Release(ch.handle)

		return wire.Handle{}, refusal(err)
	}
	p.parts.add(ch.handle)

	return wire.Handle{Handle: ch.handle}, nil
}

// Send implements core.ByteTarget: what is refused has the status of its code.
func (ch *channelHandle) Send(text bool, data []byte) error {
	return refusal(ch.DataChannel.Send(text, data))
}

// Query implements core.Queryable: bufferedAmount, in bytes.
func (ch *channelHandle) Query(what uint32) (int64, bool) {
	if what != wire.QueryBufferedAmount {
		return 0, false
	}

	return int64(ch.BufferedAmount()), true //nolint:gosec // bounded far below 2^63
}

// channelObserver is channelHandle as peer.ChannelObserver.
type channelObserver channelHandle

func (o *channelObserver) State(state string) {
	o.peer.worker.env.Emit(o.handle, wire.ChannelState, wire.State{State: state})
	if state == "closed" {
		o.peer.drop(o.handle)
	}
}

func (o *channelObserver) Error(err error) {
	o.peer.worker.env.Emit(o.handle, wire.ChannelError, asWireError(err))
}

func (o *channelObserver) BufferedAmountLow() {
	o.peer.worker.env.Emit(o.handle, wire.ChannelBufferedAmountLow, wire.Empty{})
}

// Message blocks while JavaScript is behind: so SCTP's window closes.
func (o *channelObserver) Message(ctx context.Context, text bool, data []byte) {
	_ = o.peer.worker.env.EmitBytes(ctx, o.handle, text, data)
}
