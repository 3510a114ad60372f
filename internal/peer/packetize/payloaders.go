package packetize

import (
	"strings"

	"github.com/pion/rtp"
	"github.com/pion/rtp/codecs"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// newH264Payloader sends parameter sets as packets of their own: pion's STAP-A
// of them holds one of each kind only, and is left out where it is too long.
func newH264Payloader(codec media.Codec) rtp.Payloader {
	payloader := &codecs.H264Payloader{DisableStapA: true}
	if packetizationMode(codec) == 0 {
		return singleNALPayloader{payloader}
	}

	return payloader
}

// packetizationMode is 0 where it is not given (RFC 6184 section 8.1).
func packetizationMode(codec media.Codec) int {
	for part := range strings.SplitSeq(codec.Parameters, ";") {
		if name, value, _ := strings.Cut(strings.TrimSpace(part), "="); strings.EqualFold(name, "packetization-mode") && value == "1" {
			return 1
		}
	}

	return 0
}

// fuA is the type of a fragment of a NAL unit (RFC 6184 section 5.8).
const fuA = 28

// singleNALPayloader is of packetization-mode 0: each packet is one NAL unit. A
// picture with one that does not fit gives nothing.
type singleNALPayloader struct{ rtp.Payloader }

func (p singleNALPayloader) Payload(mtu uint16, payload []byte) [][]byte {
	payloads := p.Payloader.Payload(mtu, payload)
	for _, one := range payloads {
		if one[0]&31 == fuA {
			return nil
		}
	}

	return payloads
}
