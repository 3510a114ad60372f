package av

// #include <libavcodec/avcodec.h>
// #include <string.h>
import "C"

import (
	"errors"
	"sync/atomic"
	"time"
	"unsafe"

	"github.com/asticode/go-astiav"
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

	packet *astiav.Packet
	pool   *packetPool
	base   astiav.Rational
	// retained counts the Releases that have no effect yet.
	retained atomic.Int32
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
	parameters := codecParameters(from.stream.CodecParameters())
	if !first || parameters.extradata_size <= 0 {
		return nil
	}
	packet := *(**C.AVPacket)(unsafe.Pointer(p.packet))
	data := C.av_packet_new_side_data(packet, C.AV_PKT_DATA_NEW_EXTRADATA, C.size_t(parameters.extradata_size))
	if data == nil {
		return errors.New("adopt a packet: out of memory")
	}
	C.memcpy(unsafe.Pointer(data), unsafe.Pointer(parameters.extradata), C.size_t(parameters.extradata_size))
	return nil
}

// codecParameters is the C structure, which go-astiav keeps to itself: the only
// field of its type.
func codecParameters(p *astiav.CodecParameters) *C.AVCodecParameters {
	return *(**C.AVCodecParameters)(unsafe.Pointer(p))
}
