package peer

import (
	"context"
	"io"
	"runtime"
	"sync"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/transport/v5/packetio"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/recovery"
)

// packetSink takes a packet that came, at a time. The packet is borrowed.
type packetSink func(packet []byte, now time.Time)

// demux gives each packet to who waits for its SSRC, right where pion has decrypted
// it: no packet is kept, and no goroutine waits for any.
//
// pion makes a stream for each SSRC that it hears of, and asks its BufferFactory where
// its packets go. One that was not opened (ears.go) stops pion until somebody takes it,
// and what does so runs only where media was negotiated, which the idle section is for.
// Such a stream, of a consumer that was closed or is not known yet, is read by nobody:
// pion is told that it has ended.
//
// A connection that closes accepts none any more, and waits for ever for who waits to be accepted. So its loop ends
// before such a stream is made.
type demux struct {
	// owner is told of panics.
	owner context.Context //nolint:containedctx // says whose it is
	// over says that pion is closing.
	over func() bool
	// feedback takes what is of no stream of its own; it may take all of a packet.
	feedback func(packet []byte, ssrc uint32, now time.Time) (taken bool)
	// strangers are of the SSRCs that nobody waits for.
	strangers *strangers

	mu sync.RWMutex
	// media and control are RTP and RTCP.
	media, control map[uint32]packetSink
	// open is of how many ears an SSRC is.
	open map[uint32]int
	// strays takes RTP that nobody waits for.
	strays packetSink
}

func newDemux(owner context.Context, unasked *strangers, over func() bool) *demux {
	return &demux{
		owner: owner, strangers: unasked, over: over,
		media: make(map[uint32]packetSink), control: make(map[uint32]packetSink), open: make(map[uint32]int),
	}
}

// count has ears of SSRCs, or by -1 no more; 0 is none.
func (d *demux) count(by int, ssrcs ...uint32) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, ssrc := range ssrcs {
		if ssrc == 0 {
			continue
		}
		if d.open[ssrc] += by; d.open[ssrc] == 0 {
			delete(d.open, ssrc)
		}
	}
}

// take gives RTP and RTCP of an SSRC to sinks; nil is none.
func (d *demux) take(ssrc uint32, media, control packetSink) {
	d.strangers.known(ssrc)
	d.mu.Lock()
	defer d.mu.Unlock()
	if media != nil {
		d.media[ssrc] = media
	}
	if control != nil {
		d.control[ssrc] = control
	}
}

// taken says whether somebody waits for an SSRC.
func (d *demux) taken(ssrc uint32) bool {
	d.mu.RLock()
	defer d.mu.RUnlock()

	return d.media[ssrc] != nil || d.control[ssrc] != nil
}

// reserve has SSRCs taken, until take says by whom; 0 is none.
func (d *demux) reserve(ssrcs ...uint32) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, ssrc := range ssrcs {
		if ssrc != 0 {
			d.strangers.known(ssrc)
			d.media[ssrc] = func([]byte, time.Time) {}
		}
	}
}

// leave gives SSRCs to nobody.
func (d *demux) leave(ssrcs ...uint32) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, ssrc := range ssrcs {
		delete(d.media, ssrc)
		delete(d.control, ssrc)
	}
}

// takeStrays gives RTP that nobody waits for to a sink, if none has it yet.
func (d *demux) takeStrays(sink packetSink) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.strays == nil {
		d.strays = sink
	}
}

// end is webrtc.SettingEngine's BufferFactory.
func (d *demux) end(kind packetio.BufferPacketType, ssrc uint32) io.ReadWriteCloser {
	control := kind == packetio.RTCPBufferPacket
	recovery.Run(d.owner, "a new stream", func() { d.meet(ssrc, control) })

	return &streamEnd{demux: d, ssrc: ssrc, control: control}
}

func (d *demux) meet(ssrc uint32, control bool) {
	if !control && d.isStrange(ssrc) && d.over() {
		// Who asks is SRTP's loop: all else that opens streams of RTP are ears. RTCP's need not end, as who accepts its
		// streams stays for as long as it runs; that of RTP's leaves as soon as RTCP's loop has ended.
		runtime.Goexit()
	}

	if !d.taken(ssrc) {
		d.strangers.ssrc(ssrc)
	}
}

// isStrange says that no ears are open for an SSRC.
func (d *demux) isStrange(ssrc uint32) bool {
	d.mu.RLock()
	defer d.mu.RUnlock()

	return d.open[ssrc] == 0
}

// streamEnd is where pion writes the packets of a stream, one after the other.
type streamEnd struct {
	demux   *demux
	ssrc    uint32
	control bool
}

// Write implements io.Writer. Each call has one packet.
func (e *streamEnd) Write(packet []byte) (n int, err error) {
	place := "a packet"
	if e.control {
		place = "a packet of RTCP"
	}
	defer recovery.Recover(e.demux.owner, place, &err)
	recovery.Enter(e.demux.owner, place)
	e.route(packet)

	return len(packet), nil
}

func (e *streamEnd) route(packet []byte) {
	d, now := e.demux, time.Now()
	if e.control && d.feedback(packet, e.ssrc, now) {
		return
	}
	d.mu.RLock()
	sink := d.media[e.ssrc]
	if e.control {
		sink = d.control[e.ssrc]
	} else if sink == nil {
		sink = d.strays
	}
	d.mu.RUnlock()
	if sink != nil {
		sink(packet, now)
	}
}

// Read implements io.Reader: there is never anything.
func (e *streamEnd) Read([]byte) (int, error) { return 0, io.EOF }

// Close implements io.Closer.
func (e *streamEnd) Close() error { return nil }

// handed is the packet at hand as interceptors read one, into where it lies already.
type handed struct{}

// Read implements interceptor.RTPReader and interceptor.RTCPReader.
func (handed) Read(packet []byte, a interceptor.Attributes) (int, interceptor.Attributes, error) {
	return len(packet), a, nil
}
