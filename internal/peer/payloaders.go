package peer

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

// vp9Payloader is pion's, but for frames that only show a picture again: those
// it takes for keyframes.
type vp9Payloader struct{ codecs.VP9Payloader }

const (
	// The header of a frame (VP9 bitstream section 6.2), of profiles 0 to 2.
	vp9ShowExisting = 0x08
	// The payload descriptor (RFC 9628 section 4.2): what pion writes for a keyframe
	// is 11 bytes, with the scalability structure, and 3 for others.
	vp9InterPicture = 0x40
	vp9Structure    = 0x02
	vp9KeyHeader    = 11
	vp9InterHeader  = 3
)

func (p *vp9Payloader) Payload(mtu uint16, payload []byte) [][]byte {
	payloads := p.VP9Payloader.Payload(mtu, payload)
	if len(payload) == 0 || payload[0]&vp9ShowExisting == 0 || len(payloads) == 0 || len(payloads[0]) < vp9KeyHeader {
		return payloads
	}
	first := payloads[0]
	if first[0]&vp9Structure != 0 {
		first[0] &^= vp9Structure
		payloads[0] = append(first[:vp9InterHeader:vp9InterHeader], first[vp9KeyHeader:]...)
	}
	for _, one := range payloads {
		one[0] |= vp9InterPicture
	}

	return payloads
}
