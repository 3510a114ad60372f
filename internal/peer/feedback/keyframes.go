package feedback

import "github.com/pion/rtcp"

// WantsKeyframe tells whether the packets ask for a keyframe of the stream; a
// compound packet may be of several.
func WantsKeyframe(packets []rtcp.Packet, ssrc uint32) bool {
	for _, packet := range packets {
		switch p := packet.(type) {
		case *rtcp.PictureLossIndication:
			if p.MediaSSRC == ssrc {
				return true
			}
		case *rtcp.FullIntraRequest:
			for _, entry := range p.FIR {
				if entry.SSRC == ssrc {
					return true
				}
			}
		}
	}

	return false
}
