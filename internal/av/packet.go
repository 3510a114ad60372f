package av

// #include <libavcodec/avcodec.h>
// #include <string.h>
//
// // Puts a copy in place of the memory that a packet refers to.
// static int mscp_own_packet(AVPacket *packet) {
//   AVBufferRef *lent = packet->buf;
//   packet->buf = NULL;
//   int result = av_packet_make_refcounted(packet);
//   if (result < 0) packet->buf = lent;
//   else av_buffer_unref(&lent);
//   return result;
// }
import "C"

import (
	"errors"
	"sync/atomic"
	"time"
	"unsafe"

	"github.com/asticode/go-astiav"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// mostIdlePackets is how many packets a pool keeps for reuse.
const mostIdlePackets = 64

// Packet is a coded packet of one stream. It belongs to who read it until
// Release, and outlives its demuxer.
type Packet struct {
	Stream   int
	PTS, DTS time.Duration
	Duration time.Duration
	Keyframe bool
	Size     int
	// Anew says that nothing before it goes on in it.
	Anew bool
	// Appeared is the stream where it was not there when the demuxer was opened.
	Appeared *Appeared

	packet *astiav.Packet
	pool   *packetPool
	base   astiav.Rational
	// retained counts the Releases that have no effect yet.
	retained atomic.Int32
}

// Appeared is a stream that came later than the others. It is not changed.
type Appeared struct {
	Kind  media.Kind
	Codec string

	id astiav.CodecID
}

// Time is when the packet is decoded, or shown where that is all that is known; NoTime where neither is.
func (p *Packet) Time() time.Duration {
	if p.DTS != NoTime {
		return p.DTS
	}
	return p.PTS
}

// Retain makes one Release more necessary.
func (p *Packet) Retain() { p.retained.Add(1) }

// Release gives the packet's memory back, on any goroutine.
func (p *Packet) Release() {
	if p.retained.Add(-1) < 0 {
		p.retained.Store(0)
		p.pool.put(p)
	}
}

// describe fills in what FFmpeg read.
func (p *Packet) describe() {
	p.PTS = toDuration(p.packet.Pts(), p.base)
	p.DTS = toDuration(p.packet.Dts(), p.base)
	p.Duration = toDuration(p.packet.Duration(), p.base)
	p.Keyframe = p.packet.Flags().Has(astiav.PacketFlagKey)
	p.Size = p.packet.Size()
	p.Anew = false
}

// own makes the packet, and what is decoded of it, independent of who lent its memory.
func (p *Packet) own() error {
	if C.mscp_own_packet(*(**C.AVPacket)(unsafe.Pointer(p.packet))) < 0 {
		return errors.New("copy a packet: out of memory")
	}
	return nil
}

// Shift moves the packet's times.
func (p *Packet) Shift(by time.Duration) {
	if p.base.Den() == 0 || p.base.Num() == 0 {
		return
	}
	ticks := toTicks(by, p.base)
	if p.PTS != NoTime {
		p.PTS += by
		p.packet.SetPts(p.packet.Pts() + ticks)
	}
	if p.DTS != NoTime {
		p.DTS += by
		p.packet.SetDts(p.packet.Dts() + ticks)
	}
}

// SetDTS gives a time to a packet that has none.
func (p *Packet) SetDTS(at time.Duration) {
	if p.base.Den() == 0 || p.base.Num() == 0 {
		return
	}
	p.DTS = at
	p.packet.SetDts(toTicks(at, p.base))
}

// packetPool reuses packets. It is safe for concurrent use.
type packetPool struct{ idle idleList[*Packet] }

func (o *packetPool) get() *Packet {
	if p, ok := o.idle.take(); ok {
		return p
	}
	packet := astiav.AllocPacket()
	if packet == nil {
		return nil
	}
	return &Packet{packet: packet, pool: o}
}

func (o *packetPool) put(p *Packet) {
	p.packet.Unref()
	if !o.idle.keep(p, mostIdlePackets) {
		p.packet.Free()
	}
}

func (o *packetPool) close() {
	for _, p := range o.idle.close() {
		p.packet.Free()
	}
}

// Adopt makes a packet of another demuxer's stream one of to, as decoders of to
// take it. Those need the extradata of from with the first packet.
func (p *Packet) Adopt(from, to Stream, first bool) error {
	p.packet.RescaleTs(from.base, to.base)
	p.packet.SetStreamIndex(to.Index)
	p.Stream, p.base = to.Index, to.base
	p.describe()
	extradata := from.facts.extradata
	if !first || len(extradata) == 0 {
		return nil
	}
	packet := *(**C.AVPacket)(unsafe.Pointer(p.packet))
	data := C.av_packet_new_side_data(packet, C.AV_PKT_DATA_NEW_EXTRADATA, C.size_t(len(extradata)))
	if data == nil {
		return errors.New("adopt a packet: out of memory")
	}
	C.memcpy(unsafe.Pointer(data), unsafe.Pointer(&extradata[0]), C.size_t(len(extradata)))
	return nil
}
