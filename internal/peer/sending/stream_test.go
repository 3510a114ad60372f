package sending

import (
	"testing"
	"time"

	"github.com/pion/interceptor"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/packetize"
)

// A server changes from one layer to another by their reports.
func TestTheReportsOfLayersAreOfOneClock(t *testing.T) {
	codec := media.Codec{MimeType: "video/VP8", ClockRate: 90_000}
	clock := &FrameClock{}
	control, _ := newTestSide(t)
	var streams []*Stream
	for i := range uint32(2) {
		stream := NewStream(StreamOptions{
			Kind: media.Video, Clock: clock, Waiting: func() time.Duration { return 0 }, Keyframe: func() {}, Begun: func() {},
		})
		packetizer, err := packetize.New(codec)
		if err != nil {
			t.Fatal(err)
		}
		stream.Bind(&interceptor.StreamInfo{SSRC: 7 + i, ClockRate: codec.ClockRate}, "0", packetizer, control)
		streams = append(streams, stream)
	}
	const late = 30 * time.Millisecond
	first := time.Now()
	for range 3 {
		frame := &media.EncodedFrame{Data: []byte{0x10, 2, 3, 4}, PTS: time.Since(first), Keyframe: true}
		streams[0].WriteFrame(frame)
		// The large picture takes its encoder longer.
		time.Sleep(late)
		streams[1].WriteFrame(frame)
	}
	now := time.Now()
	var taken []time.Duration
	for _, s := range streams {
		report := s.Report(now)
		ticks := int32(s.last.timestamp - report.RTPTime) //nolint:gosec // modulo 2^32 is meant
		taken = append(taken, time.Duration(ticks)*time.Second/90_000)
	}
	if apart := taken[1] - taken[0]; apart.Abs() > late/3 {
		t.Errorf("the reports say that pictures of one time are %v apart", apart)
	}
}

// SRTP's other end would never read it again.
func TestAStreamUsesUpNoNumbersWhileThereIsNoWay(t *testing.T) {
	for kind, codec := range map[media.Kind]media.Codec{
		media.Video: {MimeType: "video/VP8", ClockRate: 90_000}, media.Audio: {MimeType: "audio/opus", ClockRate: 48_000},
	} {
		control, way := newTestSide(t)
		asked := 0
		stream := NewStream(StreamOptions{
			Kind: kind, Clock: &FrameClock{}, Waiting: func() time.Duration { return 0 }, Keyframe: func() { asked++ }, Begun: func() {},
		})
		packetizer, err := packetize.New(codec)
		if err != nil {
			t.Fatal(err)
		}
		stream.Bind(&interceptor.StreamInfo{SSRC: 7, ClockRate: codec.ClockRate}, "0", packetizer, control)
		at := time.Duration(0)
		write := func(keyframe bool) {
			at += 20 * time.Millisecond
			stream.WriteFrame(&media.EncodedFrame{Data: []byte{0x10, 2, 3, 4}, PTS: at, Keyframe: keyframe})
		}
		write(true)
		control.SetDown(true)
		for range 70_000 {
			write(false)
		}
		if asked > 0 {
			t.Errorf("%v: %d keyframes were asked for while there is no way", kind, asked)
		}
		control.SetDown(false)
		write(false)
		if kind == media.Video && asked != 1 {
			t.Errorf("%d keyframes were asked for of what goes on", asked)
		}
		write(true)
		sent := way.sent()
		last := sent[len(sent)-1]
		if gap := last.SequenceNumber - sent[0].SequenceNumber; int(gap) != len(sent)-1 || len(sent) > 3 {
			t.Errorf("%v: the numbers are %d apart in %d packets", kind, gap, len(sent))
		}
		if passed := last.Timestamp - sent[0].Timestamp; passed != uint32((at-20*time.Millisecond).Seconds()*float64(codec.ClockRate)) {
			t.Errorf("%v: the timestamps are %d apart", kind, passed)
		}
	}
}
