package peer

import (
	"errors"
	"io"
	"time"

	"github.com/pion/rtcp"
)

// readRTCP answers keyframe requests (RFC 4585 PLI, RFC 5104 FIR). Reading is
// also what makes the interceptors see NACKs and reports.
func (l *layer) readRTCP() {
	buffer := make([]byte, receiveMTU)
	for {
		n, err := l.readPackets(buffer)
		if err != nil {
			if !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrClosedPipe) {
				l.sender.peer.log.Debugf("reading RTCP: %v", err)
			}

			return
		}
		packets, err := rtcp.Unmarshal(buffer[:n])
		if err != nil {
			continue
		}
		sent := l.out.read()
		l.reports.take(packets, stream{ssrc: sent.ssrc, clockRate: sent.clockRate, first: sent.first}, time.Now())
		if wantsKeyframe(packets, sent.ssrc) {
			l.requestKeyframe()
		}
	}
}

func (l *layer) readPackets(buffer []byte) (int, error) {
	if l.out.rid == "" {
		n, _, err := l.sender.rtp.Read(buffer)

		return n, err
	}
	n, _, err := l.sender.rtp.ReadSimulcast(buffer, l.out.rid)

	return n, err
}

// wantsKeyframe tells whether the packets ask for a keyframe of the stream; a
// compound packet may be of several.
func wantsKeyframe(packets []rtcp.Packet, ssrc uint32) bool {
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
