package av

// #include <libavcodec/packet.h>
import "C"

import (
	"time"
	"unsafe"
)

// mend takes from a packet of a playlist what belongs before its first: FFmpeg's
// demuxer of MP4 lets the delay of the encoder be skipped again in each segment,
// where there is none.
func (n *network) mend(p *Packet) {
	if n == nil || !n.playlist || p.PTS == NoTime {
		return
	}
	if n.starts == nil {
		n.starts = make(map[int]time.Duration)
	}
	start, known := n.starts[p.Stream]
	if !known || p.PTS <= start {
		n.starts[p.Stream] = p.PTS
		return
	}
	packet := *(**C.AVPacket)(unsafe.Pointer(p.packet))
	C.av_packet_side_data_remove(packet.side_data, &packet.side_data_elems, C.AV_PKT_DATA_SKIP_SAMPLES)
}
