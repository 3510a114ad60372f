package feedback

import (
	"context"
	"encoding/binary"
	"sync"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/interceptor/pkg/twcc"
	"github.com/pion/randutil"
	"github.com/pion/rtcp"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/rtpwire"
)

const (
	// acknowledgeInterval is how often packets are acknowledged: pion's, and libwebrtc's
	// where little is received.
	acknowledgeInterval = 100 * time.Millisecond
	// mostUnsaid packets are acknowledged at once: more might not fit into a packet of the
	// network, as each takes two bytes and two bits.
	mostUnsaid = 400
)

// Acknowledgements tells a server when each packet came that it had numbered
// (draft-holmer-rmcat-transport-wide-cc-extensions-01), by which it estimates what the
// network carries. It is an interceptor of one peer.
//
// pion's own hands each packet to another goroutine, and looks for something to tell
// for ever: for a packet that nobody reads that was most of its cost.
type Acknowledgements struct {
	interceptor.NoOp

	start func(name string, f func(ctx context.Context))
	began time.Time
	// full says that there is enough to be told at once.
	full chan struct{}

	mu       sync.Mutex
	recorder *twcc.Recorder
	// built are packets that wait to be written.
	built   []rtcp.Packet
	writer  interceptor.RTCPWriter
	running bool
}

// NewAcknowledgements makes those of a peer, whose goroutines start runs.
func NewAcknowledgements(start func(name string, f func(ctx context.Context))) *Acknowledgements {
	return &Acknowledgements{
		start: start, began: time.Now(), full: make(chan struct{}, 1),
		recorder: twcc.NewRecorder(randutil.NewMathRandomGenerator().Uint32()),
	}
}

// NewInterceptor implements interceptor.Factory.
func (a *Acknowledgements) NewInterceptor(string) (interceptor.Interceptor, error) { return a, nil }

// BindRTCPWriter implements interceptor.Interceptor.
func (a *Acknowledgements) BindRTCPWriter(writer interceptor.RTCPWriter) interceptor.RTCPWriter {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.writer = writer

	return writer
}

// BindRemoteStream implements interceptor.Interceptor.
func (a *Acknowledgements) BindRemoteStream(info *interceptor.StreamInfo, reader interceptor.RTPReader) interceptor.RTPReader {
	var id uint8
	for _, e := range info.RTPHeaderExtensions {
		if e.URI == rtpwire.TransportWideCCURI {
			id = uint8(e.ID) //nolint:gosec // at most 255 (RFC 8285)
		}
	}
	if id == 0 {
		return reader
	}

	return interceptor.RTPReaderFunc(func(b []byte, attributes interceptor.Attributes) (int, interceptor.Attributes, error) {
		n, attributes, err := reader.Read(b, attributes)
		if err == nil {
			a.take(id, b[:n], time.Now())
		}

		return n, attributes, err
	})
}

// take records a packet. What tells of it runs elsewhere: it waits for locks that are
// held until nothing comes any more.
func (a *Acknowledgements) take(id uint8, packet []byte, now time.Time) {
	if _, _, ok := rtpwire.Sizes(packet); !ok {
		return
	}
	number := rtpwire.Extension(packet, id)
	if len(number) < 2 {
		return
	}
	a.mu.Lock()
	a.recorder.Record(binary.BigEndian.Uint32(packet[8:]), binary.BigEndian.Uint16(number), now.Sub(a.began).Microseconds())
	isFull, begin := a.recorder.PacketsHeld() == mostUnsaid, !a.running
	if isFull {
		a.built = append(a.built, a.recorder.BuildFeedbackPacket()...)
	}
	a.running = true
	a.mu.Unlock()
	if begin {
		a.start("acknowledging packets", a.run)
	}
	if isFull {
		select {
		case a.full <- struct{}{}:
		default:
		}
	}
}

// run tells until nothing comes any more.
func (a *Acknowledgements) run(ctx context.Context) {
	ticker := time.NewTicker(acknowledgeInterval)
	defer ticker.Stop()
	for {
		isTick := false
		select {
		case <-ticker.C:
			isTick = true
		case <-a.full:
		case <-ctx.Done():
			return
		}
		if !a.tell(isTick) {
			return
		}
	}
}

// tell acknowledges what came since the last time. If that is nothing, and mayEnd, it is
// false, and the next packet begins anew.
func (a *Acknowledgements) tell(mayEnd bool) bool {
	a.mu.Lock()
	packets := append(a.built, a.recorder.BuildFeedbackPacket()...)
	a.built = nil
	a.running = len(packets) > 0 || !mayEnd
	running, writer := a.running, a.writer
	a.mu.Unlock()
	for _, packet := range packets {
		// A connection that is closed, or not up again yet, needs no feedback.
		_, _ = writer.Write([]rtcp.Packet{packet}, nil)
	}

	return running
}
