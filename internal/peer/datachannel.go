package peer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/pion/datachannel"
	"github.com/pion/webrtc/v4"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/recovery"
)

// States of a data channel (W3C RTCDataChannelState).
const (
	ChannelConnecting = "connecting"
	ChannelOpen       = "open"
	ChannelClosing    = "closing"
	ChannelClosed     = "closed"
)

// sctpLook is how often is looked whether SCTP has come up.
const sctpLook = 500 * time.Millisecond

// ChannelOptions is W3C's RTCDataChannelInit of a negotiated channel.
type ChannelOptions struct {
	Label, Protocol string
	ID              uint16
	Ordered         bool
	// At most one of these is set.
	MaxPacketLifeTime, MaxRetransmits *uint16
}

// ChannelObserver learns of a DataChannel's events.
type ChannelObserver interface {
	// State has the new state: open, closing, closed. Nothing follows closed.
	State(state string)
	Error(err error)
	BufferedAmountLow()
	// Message has one message, which is borrowed. It may block, which slows the
	// remote side down. ctx ends when the peer closes.
	Message(ctx context.Context, text bool, data []byte)
}

// DataChannel is a negotiated data channel (RFC 8831). Its methods do not wait
// for the network.
type DataChannel struct {
	peer     *Peer
	pion     *webrtc.DataChannel
	observer ChannelObserver
	queue    *sendQueue

	// events serialises what the observer is told of states.
	events sync.Mutex
	mu     sync.Mutex
	state  string
}

// CreateDataChannel makes a channel that both sides have agreed on by its id.
// It opens once SCTP is up; the observer is told.
func (p *Peer) CreateDataChannel(options ChannelOptions, observer ChannelObserver) (*DataChannel, error) {
	if options.MaxPacketLifeTime != nil && options.MaxRetransmits != nil {
		return nil, fmt.Errorf("%w: both maxPacketLifeTime and maxRetransmits are set", ErrInvalidArgument)
	}
	if err := p.refusal(); err != nil {
		return nil, err
	}
	negotiated := true
	c := &DataChannel{peer: p, observer: observer, state: ChannelConnecting}
	c.queue = newSendQueue(c)
	retransmits := options.MaxRetransmits
	if lifetime := options.MaxPacketLifeTime; lifetime != nil {
		c.queue.lifetime = time.Duration(*lifetime) * time.Millisecond
		retransmits = retransmissionsWithin(c.queue.lifetime)
	}
	var err error
	c.pion, err = p.pc.CreateDataChannel(options.Label, &webrtc.DataChannelInit{
		Ordered:        &options.Ordered,
		MaxRetransmits: retransmits,
		Protocol:       &options.Protocol,
		Negotiated:     &negotiated,
		ID:             &options.ID,
	})
	if err != nil {
		return nil, p.failed(fmt.Sprintf("creating data channel %d", options.ID), err)
	}
	p.mu.Lock()
	if p.channels != nil {
		p.channels[c], p.channelsUsed = struct{}{}, true
	}
	p.mu.Unlock()
	// Either side may have closed meanwhile, which ended the channels that there were.
	if err := p.refusal(); err != nil {
		c.leave()

		return nil, err
	}
	if p.sctp.State() == webrtc.SCTPTransportStateClosed {
		c.leave()

		return nil, errNoSCTP
	}
	p.changed()
	c.pion.OnOpen(func() { recovery.Run(p.options.Owner, "an open data channel", c.opened) })

	return c, nil
}

// opened takes the channel from pion: read and written here, messages are not
// limited to pion's buffer, nor copied once more.
func (c *DataChannel) opened() {
	raw, err := c.pion.Detach()
	if err != nil {
		c.ended(fmt.Errorf("opening a data channel: %w", err))

		return
	}
	stream, ok := raw.(*datachannel.DataChannel)
	if !ok {
		c.ended(fmt.Errorf("opening a data channel: pion gave a %T", raw))

		return
	}
	if !c.setState(ChannelOpen, ChannelConnecting) {
		_ = stream.Close()

		return
	}
	stream.OnBufferedAmountLow(func() {
		recovery.Run(c.peer.options.Owner, "room in a data channel", c.queue.kick)
	})
	c.peer.start("reading a data channel", func(ctx context.Context) { c.read(ctx, stream) })
	c.peer.start("writing a data channel", func(ctx context.Context) { c.queue.drain(ctx, stream) })
}

// setState moves forward only and reports.
func (c *DataChannel) setState(state string, allowed ...string) bool {
	c.events.Lock()
	defer c.events.Unlock()
	c.mu.Lock()
	for _, from := range allowed {
		if c.state == from {
			c.state = state
			c.mu.Unlock()
			c.peer.channelCounts.note(from, state)
			c.peer.changed()
			c.observer.State(state)

			return true
		}
	}
	c.mu.Unlock()

	return false
}

// read delivers messages until the stream ends.
func (c *DataChannel) read(ctx context.Context, stream *datachannel.DataChannel) {
	buffer := make([]byte, 4096)
	for {
		n, text, err := stream.ReadDataChannel(buffer)
		if errors.Is(err, io.ErrShortBuffer) && len(buffer) < maxReceiveMessageSize {
			buffer = make([]byte, min(max(n, 4*len(buffer)), maxReceiveMessageSize))

			continue
		}
		if err != nil {
			// io.EOF is the remote side's reset of the stream (RFC 8831 section 6.7).
			if ctx.Err() == nil {
				c.setState(ChannelClosing, ChannelOpen)
				c.ended(nil)
			}

			return
		}
		if c.State() != ChannelClosed {
			c.observer.Message(ctx, text, buffer[:n])
		}
	}
}

// endUnopened ends the channels that still wait for a connection, where none comes any more, for a reason if there is one.
// Nobody reads these yet; who reads an open one learns of its end after its messages.
func (p *Peer) endUnopened(reason error) {
	p.mu.Lock()
	channels := slices.Collect(maps.Keys(p.channels))
	p.mu.Unlock()
	for _, c := range channels {
		if c.State() == ChannelConnecting {
			c.ended(reason)
		}
	}
}

// awaitSCTP ends the channels where SCTP does not come up: the server answers to nothing of it. pion tells nobody.
func (p *Peer) awaitSCTP(ctx context.Context) {
	ticker := time.NewTicker(sctpLook)
	defer ticker.Stop()
	for p.sctp.State() == webrtc.SCTPTransportStateConnecting {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
	if p.sctp.State() == webrtc.SCTPTransportStateClosed {
		p.endUnopened(errNoSCTP)
	}
}

// ended closes the channel at once, after an error if there is one.
func (c *DataChannel) ended(err error) {
	if err != nil {
		c.tell(err)
	}
	c.queue.close()
	c.leave()
	c.closed()
}

// abort is the end of the peer, which closes pion's channels and lists none any more.
func (c *DataChannel) abort() {
	c.queue.close()
	c.closed()
}

// leave closes pion's channel, and takes this one off its peer's list.
func (c *DataChannel) leave() {
	_ = c.pion.Close()
	c.peer.mu.Lock()
	defer c.peer.mu.Unlock()
	delete(c.peer.channels, c)
}

func (c *DataChannel) closed() {
	c.setState(ChannelClosed, ChannelConnecting, ChannelOpen, ChannelClosing)
}

// tell tells of an error. Who reads and who writes may both come to the end of a channel: nothing follows closed.
func (c *DataChannel) tell(err error) {
	c.events.Lock()
	defer c.events.Unlock()
	if c.State() != ChannelClosed {
		c.observer.Error(err)
	}
}

// Send queues a message. It fails with ErrNotOpen, ErrMessageTooLarge and
// ErrBufferFull; data may be used again after it returns.
func (c *DataChannel) Send(text bool, data []byte) error {
	if state := c.State(); state != ChannelOpen {
		return fmt.Errorf("%w: it is %s", ErrNotOpen, state)
	}
	if limit := c.MaxMessageSize(); limit != 0 && uint64(len(data)) > limit {
		return fmt.Errorf("%w: %d bytes, at most %d", ErrMessageTooLarge, len(data), limit)
	}

	return c.queue.push(text, data)
}

// Close sends what is queued, then closes the channel. It may be called twice.
func (c *DataChannel) Close() error {
	if c.State() == ChannelConnecting {
		c.ended(nil)

		return nil
	}
	if c.setState(ChannelClosing, ChannelOpen) {
		c.queue.finish()
	}

	return nil
}

// State is W3C's readyState.
func (c *DataChannel) State() string {
	c.mu.Lock()
	defer c.mu.Unlock()

	return c.state
}

// BufferedAmount counts the bytes that were sent but did not arrive yet.
func (c *DataChannel) BufferedAmount() uint64 { return c.queue.amount() }

// SetBufferedAmountLowThreshold sets when BufferedAmountLow is reported, in bytes.
func (c *DataChannel) SetBufferedAmountLowThreshold(bytes uint64) { c.queue.setThreshold(bytes) }

// MaxMessageSize is the largest message that the remote side takes, in bytes; 0 is no limit.
func (c *DataChannel) MaxMessageSize() uint64 { return c.peer.maxMessageSize.Load() }
