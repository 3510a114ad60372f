package peer

import (
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/congestion"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// leaveOut tells whether a frame of video is not sent, as it would wait for too
// long. Whole frames are, so that the server misses no packet; all that follows
// is, up to a keyframe, which is asked for once there is room.
func (o *outbound) leaveOut(frame *media.EncodedFrame) bool {
	if o.kind != media.Video {
		return false
	}
	waiting := o.layer.sender.peer.side.Waiting()
	switch {
	case waiting > congestion.MostWaiting:
		o.broken = true
	case o.broken && frame.Keyframe:
		o.broken = false
	case o.broken && waiting < congestion.MostWaiting/2:
		o.layer.requestKeyframe()
	}
	if o.broken {
		o.counts.leftOut++
	}

	return o.broken
}
