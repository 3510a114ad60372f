package jitter

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/pion/rtp"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/packetize/packetizetest"
)

var vp8 = media.Codec{MimeType: "video/VP8", ClockRate: 90000}

// patient waits as long as it may.
func patient() *Patience {
	return &Patience{retransmits: true, roundTrip: func() time.Duration { return 0 }}
}

func assemble(t testing.TB, codec media.Codec, packets []*rtp.Packet) (*Assembler, []*media.EncodedFrame) {
	t.Helper()
	a, err := NewAssembler(codec, patient(), &Counts{})
	if err != nil {
		t.Fatal(err)
	}
	var got []*media.EncodedFrame
	now := time.Now()
	for _, packet := range packets {
		now = now.Add(5 * time.Millisecond)
		a.Push(packet, now, func(f *media.EncodedFrame) { got = append(got, f) })
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
	frames := packetizetest.VP8Frames(90, 3000)
	// The sequence numbers wrap around on the way.
	_, got := assemble(t, vp8, packetizetest.Packets(t, vp8, frames, 65500))
	requireFrames(t, got, frames)
}

// Who sends a stream again under its SSRC has any other timestamps, and numbers that may be near to those before.
func TestTheTimesOfAStreamThatBeginsAnewNearbyGoOn(t *testing.T) {
	for _, leap := range []uint32{1 << 30, 1<<32 - 1<<30} {
		opus := media.Codec{MimeType: "audio/opus", ClockRate: 48_000}
		a, err := NewAssembler(opus, patient(), &Counts{})
		if err != nil {
			t.Fatal(err)
		}
		begin := time.Now()
		last := time.Duration(-1)
		for i := range uint16(100) {
			packet := &rtp.Packet{Header: rtp.Header{SequenceNumber: i, Timestamp: uint32(i) * 960}, Payload: []byte{1}}
			if i >= 50 {
				packet.SequenceNumber += 20
				packet.Timestamp += leap
			}
			a.Push(packet, begin.Add(time.Duration(i)*20*time.Millisecond), func(f *media.EncodedFrame) {
				if step := f.PTS - last; last >= 0 && (step <= 0 || step > time.Second) {
					t.Errorf("%v after %v", f.PTS, last)
				}
				last = f.PTS
			})
		}
		if last < time.Second {
			t.Errorf("ended at %v", last)
		}
	}
}

func TestAssemblerPutsPacketsInOrder(t *testing.T) {
	frames := packetizetest.VP8Frames(60, 3000)
	packets := packetizetest.Packets(t, vp8, frames, 7)
	random := rand.New(rand.NewPCG(1, 2))
	for i := 1; i+8 < len(packets); i += 8 {
		part := packets[i : i+8]
		random.Shuffle(len(part), func(a, b int) { part[a], part[b] = part[b], part[a] })
	}
	doubled := append(packets, packets[len(packets)-3:]...)
	_, got := assemble(t, vp8, doubled)
	requireFrames(t, got, frames)
}

func TestAssemblerGoesOnAfterAHoleWithAKeyframe(t *testing.T) {
	frames := packetizetest.VP8Frames(90, 3000)
	packets := packetizetest.Packets(t, vp8, frames, 7)
	hole := 20
	a, got := assemble(t, vp8, append(packets[:hole:hole], packets[hole+1:]...))
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
	packets := packetizetest.Packets(t, vp8, packetizetest.VP8Frames(29, 2000), 0)
	a, _ := assemble(t, vp8, append(packets[:5:5], packets[6:]...))
	// The patience is not over: it waits for the retransmission.
	if a.broken {
		t.Error("broken before the packet could be sent again")
	}
	a.Push(packets[len(packets)-1], time.Now().Add(time.Hour), func(*media.EncodedFrame) {})
	if !a.broken {
		t.Error("not broken after a packet was given up")
	}
}

func TestAssemblerDeliversNoFrameThatLacksItsBeginning(t *testing.T) {
	frames := packetizetest.VP8Frames(3, 3000)
	for _, frame := range frames[1:] {
		// Every packet but the first looks as if a keyframe began with it.
		for i := range frame.Data {
			frame.Data[i] = byte(min(1, max(0, 1-i)))
		}
	}
	packets := packetizetest.Packets(t, vp8, frames, 7)
	first := slices.IndexFunc(packets, func(p *rtp.Packet) bool { return p.Timestamp != packets[0].Timestamp })
	// The end of the keyframe is missing, and the beginning of the next frame.
	holed := append(packets[:first-1:first-1], packets[first+1:]...)
	a, got := assemble(t, vp8, holed)
	a.Drain(time.Now().Add(time.Hour), func(f *media.EncodedFrame) { got = append(got, f) })
	if len(got) != 0 || !a.broken {
		t.Fatalf("%d frames", len(got))
	}
	if dropped := a.counts.dropped.Load(); dropped != 3 {
		t.Errorf("%d dropped, want 3", dropped)
	}
}

func TestAssemblerForgetsPartsFromBeforeAHole(t *testing.T) {
	h264 := media.Codec{MimeType: "video/H264", ClockRate: 90000, Parameters: "packetization-mode=1"}
	key := func(fill byte) *media.EncodedFrame {
		data := append([]byte{0, 0, 0, 1, 0x67, 1, 2, 0, 0, 0, 1, 0x68, 3, 0, 0, 0, 1, 0x65}, bytes.Repeat([]byte{fill}, 3000)...)

		return &media.EncodedFrame{Data: data, Keyframe: true}
	}
	frames := []*media.EncodedFrame{key(7), key(8)}
	frames[1].PTS = time.Second
	packets := packetizetest.Packets(t, h264, frames, 1)
	// The last fragment of the first one is missing.
	end := len(packets)/2 - 1
	a, got := assemble(t, h264, append(packets[:end:end], packets[end+1:]...))
	a.Drain(time.Now().Add(time.Hour), func(f *media.EncodedFrame) { got = append(got, f) })
	if len(got) != 1 || !got[0].Keyframe || bytes.Count(got[0].Data, []byte{7, 7, 7}) != 0 {
		t.Fatalf("%d frames", len(got))
	}
}

func TestAssemblerTellsHowMuchSoundIsMissing(t *testing.T) {
	opus := media.Codec{MimeType: "audio/opus", ClockRate: 48000, Channels: 2}
	var packets []*rtp.Packet
	for i := range 10 {
		if i == 4 || i == 5 {
			continue
		}
		packets = append(packets, &rtp.Packet{
			Header:  rtp.Header{SequenceNumber: uint16(i), Timestamp: uint32(960 * i)},
			Payload: []byte{byte(i)},
		})
	}
	a, got := assemble(t, opus, packets)
	a.Drain(time.Now().Add(time.Hour), func(f *media.EncodedFrame) { got = append(got, f) })
	if len(got) != 8 {
		t.Fatalf("%d packets", len(got))
	}
	for _, frame := range got {
		number := int(frame.Data[0])
		want := 0
		if number == 6 {
			want = 2
		}
		if frame.Lost != want || frame.PTS != time.Duration(number)*20*time.Millisecond {
			t.Errorf("packet %d: %d lost, at %v", number, frame.Lost, frame.PTS)
		}
	}
}

func TestAssemblerFollowsAStreamThatBeginsAnew(t *testing.T) {
	frames := packetizetest.VP8Frames(90, 3000)
	before, after := packetizetest.Packets(t, vp8, frames[:20], 100), packetizetest.Packets(t, vp8, frames[30:], 40_000)
	a, got := assemble(t, vp8, append(before, after...))
	if a.broken || len(got) != 80 {
		t.Fatalf("%d frames", len(got))
	}
	if gap := got[20].PTS - got[19].PTS; gap < 0 || gap > time.Second {
		t.Errorf("the times go on after %v", gap)
	}
}

func FuzzAssembler(f *testing.F) {
	f.Add([]byte{0x10, 0, 1, 2, 3}, uint16(1), uint32(3000), true, uint8(0))
	f.Add([]byte{0x7c, 0x85, 1, 2}, uint16(65535), uint32(0), false, uint8(2))
	mimeTypes := []string{"video/VP8", "video/VP9", "video/H264", "video/H265", "video/AV1", "audio/opus"}
	f.Fuzz(func(t *testing.T, payload []byte, sequence uint16, timestamp uint32, marker bool, which uint8) {
		a, err := NewAssembler(media.Codec{MimeType: mimeTypes[int(which)%len(mimeTypes)], ClockRate: 90000}, patient(), &Counts{})
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
			a.Push(packet, now.Add(time.Duration(i)*50*time.Millisecond), func(*media.EncodedFrame) {})
		}
	})
}

// A picture that has no end.
func TestAPictureIsAsLargeAsItMayBe(t *testing.T) {
	const payload = 60_000
	picture := func(first uint16, timestamp uint32, size int) (packets []*rtp.Packet) {
		for sent := 0; sent < size; sent += payload {
			// VP8's descriptor says where a picture begins, the first byte that it is a keyframe.
			descriptor := byte(0)
			if sent == 0 {
				descriptor = 0x10
			}
			p := &rtp.Packet{Payload: append([]byte{descriptor}, make([]byte, min(payload, size-sent))...)}
			p.SequenceNumber, p.Timestamp, p.Marker = first+uint16(sent/payload), timestamp, sent+payload >= size //nolint:gosec // small
			if sent == 0 {
				copy(p.Payload[1:], []byte{0x10, 2, 0, 0x9d, 0x01, 0x2a, 16, 0, 16, 0})
			}
			packets = append(packets, p)
		}

		return packets
	}
	a, got := assemble(t, vp8, picture(1, 1, maxFrameSize))
	if len(got) != 1 || len(got[0].Data) != maxFrameSize || a.counts.Read().Dropped != 0 {
		t.Fatalf("%d pictures, %+v", len(got), a.counts.Read())
	}
	packets := picture(1, 1, 2*maxFrameSize)
	next := uint16(len(packets) + 1) //nolint:gosec // small
	a, got = assemble(t, vp8, append(packets, picture(next, 3000, 1000)...))
	if len(got) != 1 || len(got[0].Data) != 1000 || a.counts.Read().Dropped == 0 || cap(a.frame) > 2*maxFrameSize {
		t.Errorf("%d pictures, %+v, %d bytes are kept", len(got), a.counts.Read(), cap(a.frame))
	}
}
