package peer

import (
	"bytes"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/rtp/codecs"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

var h265Codec = media.Codec{MimeType: "video/H265", ClockRate: 90000, Parameters: h265Parameters}

// h265Unit is a unit of a type of H.265 table 7-1 with its start code.
func h265Unit(kind byte, size int) []byte {
	random := rand.New(rand.NewPCG(uint64(kind), uint64(size))) //nolint:gosec // a size
	unit := []byte{0, 0, 0, 1, kind << 1, 1}
	for range size - 2 {
		unit = append(unit, byte(1+random.IntN(255))) //nolint:gosec // a byte, and never a start code
	}

	return unit
}

// h265Of puts the units of payloads together as RFC 7798 section 4.4 describes them.
func h265Of(t *testing.T, payloads [][]byte) (units [][]byte) {
	t.Helper()
	var fragments []byte
	for i, p := range payloads {
		if len(p) > media.MaxPayload {
			t.Errorf("packet %d has %d bytes", i, len(p))
		}
		switch kind := p[0] >> 1 & 0x3f; kind {
		case 48: // aggregation packet
			for rest := p[2:]; len(rest) > 0; {
				size := int(rest[0])<<8 | int(rest[1])
				units = append(units, rest[2:2+size])
				rest = rest[2+size:]
			}
		case 49: // fragmentation unit
			start, end := p[2]&0x80 != 0, p[2]&0x40 != 0
			if start == (fragments != nil) || start && end {
				t.Errorf("packet %d: start %v, end %v", i, start, end)
			}
			if start {
				fragments = []byte{p[0]&0x81 | p[2]&0x3f<<1, p[1]}
			}
			fragments = append(fragments, p[3:]...)
			if end {
				units, fragments = append(units, fragments), nil
			}
		default:
			if fragments != nil {
				t.Errorf("packet %d is between fragments", i)
			}
			units = append(units, p)
		}
	}
	if fragments != nil {
		t.Error("the last fragment has no end")
	}

	return units
}

func TestH265IsCutAsRFC7798Says(t *testing.T) {
	sets := bytes.Join([][]byte{h265Unit(32, 24), h265Unit(33, 41), h265Unit(34, 7)}, nil)
	for name, frame := range map[string][]byte{
		"a keyframe":            append(bytes.Clone(sets), h265Unit(19, 5000)...),
		"a CRA picture":         append(bytes.Clone(sets), h265Unit(21, 700)...),
		"one that just fits":    h265Unit(1, media.MaxPayload),
		"one that just doesn't": h265Unit(1, media.MaxPayload+1),
		"slices":                bytes.Join([][]byte{h265Unit(1, 300), h265Unit(1, 301), h265Unit(1, 2500), h265Unit(1, 302)}, nil),
		"long parameter sets":   bytes.Join([][]byte{h265Unit(32, 24), h265Unit(33, 3000), h265Unit(34, 1139), h265Unit(20, 9)}, nil),
		"the smallest":          h265Unit(1, 3),
	} {
		payloads := packetsOfFrame(t, h265Codec, frame)
		var whole []byte
		for _, unit := range h265Of(t, payloads) {
			whole = append(append(whole, 0, 0, 0, 1), unit...)
		}
		if !bytes.Equal(whole, frame) {
			t.Errorf("%s: %d packets hold %d bytes of %d", name, len(payloads), len(whole), len(frame))
		}
		// pion's own reader, which the receiving side has.
		depacketizer := &codecs.H265Depacketizer{}
		whole = nil
		for _, payload := range payloads {
			part, err := depacketizer.Unmarshal(payload)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			whole = append(whole, part...)
		}
		if !bytes.Equal(whole, frame) {
			t.Errorf("%s: it is read as %d bytes of %d", name, len(whole), len(frame))
		}
	}
}

func TestSmallUnitsOfH265ShareAPacket(t *testing.T) {
	frame := bytes.Join([][]byte{h265Unit(32, 24), h265Unit(33, 41), h265Unit(34, 7), h265Unit(19, 300)}, nil)
	if payloads := packetsOfFrame(t, h265Codec, frame); len(payloads) != 1 || payloads[0][0]>>1 != 48 {
		t.Errorf("%d packets, the first of type %d", len(payloads), payloads[0][0]>>1)
	}
}

func TestReceivedH265BeginsAtAKeyframe(t *testing.T) {
	p, err := newPacketizer(h265Codec)
	if err != nil {
		t.Fatal(err)
	}
	a, err := newAssembler(h265Codec, patient(), &readCounts{})
	if err != nil {
		t.Fatal(err)
	}
	var got []*media.EncodedFrame
	sequence := uint16(65530)
	for i, kind := range []byte{19, 1, 21, 1} {
		data := h265Unit(kind, 3000)
		if kind != 1 {
			data = append(h265Unit(32, 24), data...)
		}
		frame := &media.EncodedFrame{Data: data, PTS: time.Duration(i) * 40 * time.Millisecond}
		packets, timestamp := p.packetize(frame, time.Now())
		for j, packet := range packets {
			a.push(&rtp.Packet{
				Header:  rtp.Header{SequenceNumber: sequence, Timestamp: timestamp, Marker: j == len(packets)-1},
				Payload: packet.payload,
			}, time.Now(), func(f *media.EncodedFrame) { got = append(got, f) })
			sequence++
		}
		if len(got) != i+1 || !bytes.Equal(got[i].Data, frame.Data) || got[i].Keyframe != (kind != 1) {
			t.Fatalf("frame %d did not arrive as it was sent: %d came", i, len(got))
		}
	}
}

// The whole way: packetized, encrypted, and put together again.
func TestH265AndG722ArriveWhole(t *testing.T) {
	a, b := newTestPeer(t), newTestServer(t)
	video, audio := newFakeTrack(media.Video), newFakeTrack(media.Audio)
	videoSender, audioSender := add(t, a, video), add(t, a, audio)
	negotiate(t, a, b, 49, 9)
	_, pictures, _ := receive(t, b, videoSender.Mid())
	_, sounds, _ := receive(t, b, audioSender.Mid())
	eventually(t, "both to be attached", func() bool { return video.feeds.Load() == 1 && audio.feeds.Load() == 1 })
	frame := bytes.Join([][]byte{h265Unit(32, 24), h265Unit(33, 41), h265Unit(34, 7), h265Unit(19, 5000)}, nil)
	packet := bytes.Repeat([]byte{7, 9}, 80)
	at := time.Duration(0)
	eventually(t, "a picture and sound", func() bool {
		video.write(&media.EncodedFrame{Data: frame, PTS: at, Keyframe: true})
		audio.write(&media.EncodedFrame{Data: packet, PTS: at, Keyframe: true})
		at += 20 * time.Millisecond

		return pictures.len() > 0 && sounds.len() > 2
	})
	pictures.mu.Lock()
	defer pictures.mu.Unlock()
	if got := pictures.frames[0]; !bytes.Equal(got.Data, frame) || !got.Keyframe {
		t.Errorf("%d bytes of %d arrived", len(got.Data), len(frame))
	}
	sounds.mu.Lock()
	defer sounds.mu.Unlock()
	first, second := sounds.frames[0], sounds.frames[1]
	if !bytes.Equal(first.Data, packet) || second.PTS-first.PTS != 20*time.Millisecond {
		t.Errorf("%d bytes arrived, the next %v later", len(first.Data), second.PTS-first.PTS)
	}
}
