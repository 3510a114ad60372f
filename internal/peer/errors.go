package peer

import (
	"errors"
	"fmt"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/rtpwire"
)

// What the package fails with; checked with errors.Is.
var (
	// ErrClosed is returned by every method of a closed Peer, Sender or DataChannel.
	ErrClosed = errors.New("closed")
	// errClosedByRemote is the ErrClosed of a connection that the other side closed.
	errClosedByRemote = fmt.Errorf("%w: the other side closed the connection", ErrClosed)
	// ErrInvalidState is returned where a call comes too early, or twice.
	ErrInvalidState = errors.New("invalid state")
	// errNoSCTP is the ErrInvalidState of a connection that can have no data channels any more.
	errNoSCTP = fmt.Errorf("%w: the server did not answer to SCTP; make another transport for data channels", ErrInvalidState)
	// ErrInvalidArgument is returned for an argument out of its range.
	ErrInvalidArgument = errors.New("invalid argument")
	// ErrUnsupportedCodec is returned where there is no codec that can be sent or received.
	ErrUnsupportedCodec = rtpwire.ErrUnsupportedCodec
	// ErrMessageTooLarge is returned for a message above the remote's max-message-size.
	ErrMessageTooLarge = errors.New("message is larger than the remote side accepts")
	// ErrBufferFull is returned when a channel's send buffer is full.
	ErrBufferFull = errors.New("send buffer is full")
	// ErrNotOpen is returned by Send before the channel is open.
	ErrNotOpen = errors.New("data channel is not open")
)
