package peer

import (
	"bytes"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/pion/rtp"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// frames of VP8: bit 0 of the first byte is 0 in a keyframe (RFC 6386 9.1).
func testFrames(count, size int) []*media.EncodedFrame {
	frames := make([]*media.EncodedFrame, count)
	for i := range frames {
		data := bytes.Repeat([]byte{byte(i)}, size+i*37)
		data[0] = byte(min(i%30, 1))
		frames[i] = &media.EncodedFrame{
			Data: data, PTS: time.Duration(i) * time.Second / 30, Keyframe: i%30 == 0,
		}
	}

	return frames
}

// packetsOf packetizes frames as a sender does.
func packetsOf(t testing.TB, codec media.Codec, frames []*media.EncodedFrame, first uint16) []*rtp.Packet {
	t.Helper()
	p, err := newPacketizer(codec)
	if err != nil {
		t.Fatal(err)
	}
	var packets []*rtp.Packet
	for _, frame := range frames {
		payloads, timestamp := p.packetize(frame, time.Now())
		for i, packet := range payloads {
			packets = append(packets, &rtp.Packet{
				Header: rtp.Header{
					Version: 2, SequenceNumber: first, Timestamp: timestamp, Marker: i == len(payloads)-1,
				},
				Payload: packet.payload,
			})
			first++
		}
	}

	return packets
}

var vp8 = media.Codec{MimeType: "video/VP8", ClockRate: 90000}

func assemble(t testing.TB, packets []*rtp.Packet) (*assembler, []*media.EncodedFrame) {
	t.Helper()
	a, err := newAssembler(vp8)
	if err != nil {
		t.Fatal(err)
	}
	var got []*media.EncodedFrame
	now := time.Now()
	for _, packet := range packets {
		now = now.Add(5 * time.Millisecond)
		a.push(packet, now, func(f *media.EncodedFrame) { got = append(got, f) })
	}

	return a, got
}

func requireFrames(t *testing.T, got, want []*media.EncodedFrame) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d frames, want %d", len(got), len(want))
	}
	for i, frame := range got {
		if !bytes.Equal(frame.Data, want[i].Data) {
			t.Fatalf("frame %d differs", i)
		}
		if frame.Keyframe != want[i].Keyframe {
			t.Fatalf("frame %d: keyframe %v", i, frame.Keyframe)
		}
		if d := (frame.PTS - got[0].PTS) - (want[i].PTS - want[0].PTS); d.Abs() > time.Millisecond {
			t.Fatalf("frame %d: PTS is off by %v", i, d)
		}
	}
}

func TestAssemblerGivesBackWhatWasPacketized(t *testing.T) {
	frames := testFrames(90, 3000)
	// The sequence numbers wrap around on the way.
	_, got := assemble(t, packetsOf(t, vp8, frames, 65500))
	requireFrames(t, got, frames)
}

func TestAssemblerPutsPacketsInOrder(t *testing.T) {
	frames := testFrames(60, 3000)
	packets := packetsOf(t, vp8, frames, 7)
	random := rand.New(rand.NewPCG(1, 2))
	for i := 1; i+8 < len(packets); i += 8 {
		part := packets[i : i+8]
		random.Shuffle(len(part), func(a, b int) { part[a], part[b] = part[b], part[a] })
	}
	doubled := append(packets, packets[len(packets)-3:]...)
	_, got := assemble(t, doubled)
	requireFrames(t, got, frames)
}

func TestAssemblerGoesOnAfterAHoleWithAKeyframe(t *testing.T) {
	frames := testFrames(90, 3000)
	packets := packetsOf(t, vp8, frames, 7)
	hole := 20
	a, got := assemble(t, append(packets[:hole:hole], packets[hole+1:]...))
	if a.broken {
		t.Error("still broken after a keyframe")
	}
	before := 0
	for before < len(got) && bytes.Equal(got[before].Data, frames[before].Data) {
		before++
	}
	if before == 0 || before == len(got) {
		t.Fatalf("%d frames came before the hole, of %d", before, len(got))
	}
	if !got[before].Keyframe {
		t.Error("the first frame after the hole is not a keyframe")
	}
	requireFrames(t, got[before:], frames[90-(len(got)-before):])
}

func TestAssemblerSaysThatItIsBroken(t *testing.T) {
	packets := packetsOf(t, vp8, testFrames(29, 2000), 0)
	a, _ := assemble(t, append(packets[:5:5], packets[6:]...))
	// 250 ms is not over: it waits for the retransmission.
	if a.broken {
		t.Error("broken before the packet could be sent again")
	}
	a.push(packets[len(packets)-1], time.Now().Add(time.Hour), func(*media.EncodedFrame) {})
	if !a.broken {
		t.Error("not broken after a packet was given up")
	}
}

func FuzzAssembler(f *testing.F) {
	f.Add([]byte{0x10, 0, 1, 2, 3}, uint16(1), uint32(3000), true, uint8(0))
	f.Add([]byte{0x7c, 0x85, 1, 2}, uint16(65535), uint32(0), false, uint8(2))
	mimeTypes := []string{"video/VP8", "video/VP9", "video/H264", "video/AV1", "audio/opus"}
	f.Fuzz(func(t *testing.T, payload []byte, sequence uint16, timestamp uint32, marker bool, which uint8) {
		a, err := newAssembler(media.Codec{MimeType: mimeTypes[int(which)%len(mimeTypes)], ClockRate: 90000})
		if err != nil {
			t.Fatal(err)
		}
		now := time.Now()
		for i := range uint16(20) {
			packet := &rtp.Packet{
				Header: rtp.Header{
					SequenceNumber: sequence + i*(sequence%7), Timestamp: timestamp * uint32(i), Marker: marker != (i%3 == 0),
				},
				Payload: payload[:int(i)*len(payload)/20],
			}
			if len(packet.Payload) == 0 {
				continue
			}
			a.push(packet, now.Add(time.Duration(i)*50*time.Millisecond), func(*media.EncodedFrame) {})
		}
	})
}

func FuzzParseDescription(f *testing.F) {
	f.Add("v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=video 7 UDP/TLS/RTP/SAVPF 96\r\n" +
		"a=mid:0\r\na=rtpmap:96 VP8/90000\r\na=fmtp:96 a=b\r\n")
	f.Fuzz(func(_ *testing.T, text string) { _, _ = parseDescription(text) })
}
