package peer

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/rtp/codecs"
	"github.com/pion/webrtc/v4"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

const (
	// reorderWindow is how many packets wait for a missing one, at the most.
	reorderWindow = 512
	// reorderTime is how long they wait: a few round trips of NACK and RTX.
	reorderTime = 500 * time.Millisecond
	// maxFrameSize bounds a frame that never ends, in bytes.
	maxFrameSize = 8 << 20
)

// assembler puts RTP packets in order and makes frames of them.
type assembler struct {
	video     bool
	clockRate uint32
	unpack    func(packet *rtp.Packet) (payload []byte, err error)
	keyframe  func(frame []byte) bool

	started  bool
	next     uint16
	newest   uint16
	waiting  [reorderWindow]*rtp.Packet
	gapSince time.Time

	// broken is set while frames lack what they refer to.
	broken bool
	// dropping leaves out the rest of a frame with a hole.
	dropping bool
	frame    []byte

	firstTimestamp uint32
	lastTimestamp  uint32
	elapsed        int64
}

func newAssembler(codec media.Codec) (*assembler, error) {
	a := &assembler{clockRate: max(codec.ClockRate, 1), video: strings.HasPrefix(strings.ToLower(codec.MimeType), "video/")}
	switch strings.ToLower(codec.MimeType) {
	case strings.ToLower(webrtc.MimeTypeVP8):
		a.unpack = func(p *rtp.Packet) ([]byte, error) { return (&codecs.VP8Packet{}).Unmarshal(p.Payload) }
		a.keyframe = func(frame []byte) bool { return frame[0]&1 == 0 }
	case strings.ToLower(webrtc.MimeTypeVP9):
		a.unpack = func(p *rtp.Packet) ([]byte, error) { return (&codecs.VP9Packet{}).Unmarshal(p.Payload) }
		a.keyframe = isVP9Keyframe
	case strings.ToLower(webrtc.MimeTypeH264):
		// It keeps the parts of a fragmented unit: one for the life of the stream.
		depacketizer := &codecs.H264Packet{}
		a.unpack = func(p *rtp.Packet) ([]byte, error) { return depacketizer.Unmarshal(p.Payload) }
		a.keyframe = isH264Keyframe
	case strings.ToLower(webrtc.MimeTypeH265):
		depacketizer := &codecs.H265Depacketizer{}
		a.unpack = func(p *rtp.Packet) ([]byte, error) { return depacketizer.Unmarshal(p.Payload) }
		a.keyframe = isH265Keyframe
	case strings.ToLower(webrtc.MimeTypeAV1):
		depacketizer := &codecs.AV1Depacketizer{}
		a.unpack = func(p *rtp.Packet) ([]byte, error) { return depacketizer.Unmarshal(p.Payload) }
		a.keyframe = isAV1Keyframe
	case strings.ToLower(webrtc.MimeTypeOpus), mimeMultiopus, strings.ToLower(webrtc.MimeTypeG722),
		strings.ToLower(webrtc.MimeTypePCMU), strings.ToLower(webrtc.MimeTypePCMA):
		a.unpack = func(p *rtp.Packet) ([]byte, error) { return p.Payload, nil }
		a.keyframe = func([]byte) bool { return true }
	default:
		return nil, fmt.Errorf("%w: %s", ErrUnsupportedCodec, codec.MimeType)
	}

	return a, nil
}

// push takes a packet and delivers what it completes.
func (a *assembler) push(packet *rtp.Packet, now time.Time, deliver func(*media.EncodedFrame)) {
	sequence := packet.SequenceNumber
	if !a.started {
		a.started = true
		a.next, a.newest = sequence, sequence
		a.firstTimestamp, a.lastTimestamp = packet.Timestamp, packet.Timestamp
	}
	ahead := sequence - a.next
	switch {
	case ahead >= 0x8000:
		return // older than what was delivered
	case ahead >= reorderWindow:
		a.skipTo(sequence-reorderWindow/2, deliver)
	}
	a.waiting[sequence%reorderWindow] = packet
	if sequence-a.newest < 0x8000 {
		a.newest = sequence
	}
	a.drain(deliver)
	if a.next == a.newest+1 {
		a.gapSince = time.Time{}

		return
	}
	if a.gapSince.IsZero() {
		a.gapSince = now
	} else if now.Sub(a.gapSince) > reorderTime {
		a.gapSince = time.Time{}
		to := a.next
		for to != a.newest+1 && a.waiting[to%reorderWindow] == nil {
			to++
		}
		a.skipTo(to, deliver)
		a.drain(deliver)
	}
}

func (a *assembler) drain(deliver func(*media.EncodedFrame)) {
	for {
		slot := &a.waiting[a.next%reorderWindow]
		if *slot == nil {
			return
		}
		packet := *slot
		*slot = nil
		a.next++
		a.add(packet, deliver)
	}
}

// skipTo gives up what is missing before sequence.
func (a *assembler) skipTo(sequence uint16, deliver func(*media.EncodedFrame)) {
	for a.next != sequence {
		slot := &a.waiting[a.next%reorderWindow]
		packet := *slot
		*slot = nil
		a.next++
		if packet != nil {
			a.add(packet, deliver)

			continue
		}
		a.frame = a.frame[:0]
		a.dropping = a.video
		a.broken = a.video
	}
}

// add takes the next packet in order.
func (a *assembler) add(packet *rtp.Packet, deliver func(*media.EncodedFrame)) {
	if packet.Timestamp != a.lastTimestamp {
		a.elapsed += int64(int32(packet.Timestamp - a.lastTimestamp)) //nolint:gosec // wraps around, as it is meant to
		a.lastTimestamp = packet.Timestamp
		// A frame whose marker never came is over, too.
		a.frame, a.dropping = a.frame[:0], false
	}
	if a.dropping {
		a.dropping = !packet.Marker

		return
	}
	payload, err := a.unpack(packet)
	if err != nil || len(a.frame)+len(payload) > maxFrameSize {
		a.frame, a.dropping, a.broken = a.frame[:0], a.video && !packet.Marker, a.video

		return
	}
	a.frame = append(a.frame, payload...)
	if a.video && !packet.Marker || len(a.frame) == 0 {
		return
	}
	frame := &media.EncodedFrame{
		Data:     bytes.Clone(a.frame),
		PTS:      time.Duration(a.elapsed) * time.Second / time.Duration(a.clockRate),
		Keyframe: a.keyframe(a.frame),
	}
	a.frame = a.frame[:0]
	if frame.Keyframe {
		a.broken = false
	}
	if !a.broken {
		deliver(frame)
	}
}

// isVP9Keyframe reads the uncompressed header (VP9 bitstream specification 6.2).
func isVP9Keyframe(frame []byte) bool {
	if frame[0]>>6 != 2 {
		return false
	}
	bit := 3
	if frame[0]>>4&3 == 3 { // profile 3 has a reserved bit
		bit = 2
	}
	showExisting := frame[0]>>bit&1 == 1
	notKey := frame[0]>>(bit-1)&1 == 1

	return !showExisting && !notKey
}

// isAV1Keyframe looks for a sequence header at the beginning (AV1 RTP section 5).
func isAV1Keyframe(frame []byte) bool { return frame[0]>>3&15 == 1 }

// isH264Keyframe looks for an IDR slice (ITU-T H.264 table 7-1) in Annex B.
func isH264Keyframe(frame []byte) bool {
	return anyUnit(frame, func(header byte) bool { return header&0x1f == 5 })
}

// isH265Keyframe looks for a slice of an IRAP picture (ITU-T H.265 table 7-1).
func isH265Keyframe(frame []byte) bool {
	return anyUnit(frame, func(header byte) bool { return header>>1&0x3f >= 16 && header>>1&0x3f <= 23 })
}

// anyUnit asks of the first byte of each unit of Annex B, up to the one that is looked for.
func anyUnit(frame []byte, is func(header byte) bool) bool {
	for {
		at := bytes.Index(frame, []byte{0, 0, 1})
		if at < 0 || at+3 >= len(frame) {
			return false
		}
		if is(frame[at+3]) {
			return true
		}
		frame = frame[at+3:]
	}
}
