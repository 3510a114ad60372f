package sending

import (
	"encoding/binary"
	"sync"
	"testing"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"go.uber.org/goleak"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/peertest"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/rtpwire"
)

// sentPackets records what a side sends.
type sentPackets struct {
	mu      sync.Mutex
	headers []rtp.Header
	sizes   []int
}

func (w *sentPackets) Write(header *rtp.Header, payload []byte, _ interceptor.Attributes) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.headers = append(w.headers, header.Clone())
	w.sizes = append(w.sizes, len(payload))

	return header.MarshalSize() + len(payload), nil
}

func (w *sentPackets) sent() []rtp.Header {
	w.mu.Lock()
	defer w.mu.Unlock()

	return append([]rtp.Header(nil), w.headers...)
}

// newTestSide is a side whose goroutines end with the test.
func newTestSide(t *testing.T) *Control {
	t.Helper()
	done, running := make(chan struct{}), sync.WaitGroup{}
	s := NewControl(func(_ string, f func(<-chan struct{})) {
		running.Add(1)
		go func() {
			defer running.Done()
			f(done)
		}()
	}, func() {})
	t.Cleanup(func() {
		s.Stop()
		close(done)
		running.Wait()
		goleak.VerifyNone(t)
	})

	return s
}

func streamInfo(mimeType string, ssrc uint32) *interceptor.StreamInfo {
	return &interceptor.StreamInfo{
		SSRC: ssrc, SSRCRetransmission: ssrc + 1, PayloadType: 96, PayloadTypeRetransmission: 97, MimeType: mimeType,
		RTPHeaderExtensions: []interceptor.RTPHeaderExtension{{URI: rtpwire.TransportWideCCURI, ID: 5}, {URI: rtpwire.AbsSendTimeURI, ID: 3}},
	}
}

func write(t *testing.T, w interceptor.RTPWriter, ssrc uint32, sequence uint16, size int) {
	t.Helper()
	header := &rtp.Header{Version: 2, SSRC: ssrc, SequenceNumber: sequence, PayloadType: 96}
	if _, err := w.Write(header, make([]byte, size), interceptor.Attributes{}); err != nil {
		t.Fatal(err)
	}
}

func TestSoundOvertakesAKeyframe(t *testing.T) {
	s, w := newTestSide(t), &sentPackets{}
	video := s.BindLocalStream(streamInfo("video/VP8", 10), w)
	audio := s.BindLocalStream(streamInfo("audio/opus", 20), w)
	for i := range uint16(100) {
		write(t, video, 10, i, 1000)
	}
	write(t, audio, 20, 0, 100)
	sent := w.sent()
	if n := len(sent); n < 10 || n > 60 {
		t.Fatalf("%d of 100 packets left at once", n)
	}
	if sent[len(sent)-1].SSRC != 20 {
		t.Fatal("sound waits for video")
	}
	peertest.Eventually(t, "all packets", func() bool { return len(w.sent()) == 101 })
	next := uint16(0)
	for i, header := range w.sent() {
		// Numbers are those of the order in which packets left.
		if got := binary.BigEndian.Uint16(header.GetExtension(5)); got != uint16(i) {
			t.Fatalf("packet %d has the transport-wide number %d", i, got)
		}
		if header.GetExtension(3) == nil {
			t.Fatalf("packet %d has no time", i)
		}
		if header.SSRC == 10 {
			if header.SequenceNumber != next {
				t.Fatalf("packet %d of video is number %d", next, header.SequenceNumber)
			}
			next++
		}
	}
	if delay := s.Paced(10).Delay; delay <= 0 {
		t.Errorf("packets waited for %v", delay)
	}
}

func TestNothingWaitsWithoutFeedback(t *testing.T) {
	s, w := newTestSide(t), &sentPackets{}
	info := streamInfo("video/VP8", 10)
	info.RTPHeaderExtensions = nil
	video := s.BindLocalStream(info, w)
	for i := range uint16(1000) {
		write(t, video, 10, i, 1000)
	}
	if n := len(w.sent()); n != 1000 {
		t.Errorf("%d of 1000 packets left", n)
	}
	if _, _, known := s.Bitrate(); known {
		t.Error("there is an estimate")
	}
}

func TestRepairsAreNumberedAsTheyLeave(t *testing.T) {
	s, w := newTestSide(t), &sentPackets{}
	video := s.BindLocalStream(streamInfo("video/VP8", 10), w)
	for i := range 3 {
		// pion's number of a repair is that of the packet, whenever it is asked for.
		header := &rtp.Header{Version: 2, SSRC: 11, SequenceNumber: 700, PayloadType: 97}
		if i == 2 {
			time.Sleep(s.estimator.RoundTrip())
		}
		_, _ = video.Write(header, []byte{0, 9, 1, 2, 3}, interceptor.Attributes{})
	}
	sent := w.sent()
	if len(sent) != 2 {
		t.Fatalf("%d of three repairs of one packet left, the second before a round trip", len(sent))
	}
	if sent[1].SequenceNumber != sent[0].SequenceNumber+1 {
		t.Errorf("numbers %d and %d", sent[0].SequenceNumber, sent[1].SequenceNumber)
	}
	if refused := s.Paced(10).refused; refused != 1 {
		t.Errorf("%d were refused", refused)
	}
}

func TestAProbeSendsARecentPacketAgain(t *testing.T) {
	s, w := newTestSide(t), &sentPackets{}
	info := streamInfo("video/VP8", 10)
	info.RTPHeaderExtensions = append(info.RTPHeaderExtensions,
		interceptor.RTPHeaderExtension{URI: rtpwire.MidURI, ID: 1}, interceptor.RTPHeaderExtension{URI: rtpwire.RidURI, ID: 10},
		interceptor.RTPHeaderExtension{URI: rtpwire.RepairedRidURI, ID: 11})
	video := s.BindLocalStream(info, w)
	named := &rtp.Header{Version: 2, SSRC: 10, SequenceNumber: 76}
	for id, value := range map[uint8]string{1: "0", 10: "r1"} {
		if err := named.SetExtension(id, []byte(value)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := video.Write(named, make([]byte, 1000), interceptor.Attributes{}); err != nil {
		t.Fatal(err)
	}
	write(t, video, 10, 77, 1000)
	s.Share(4_000_000, 0)
	peertest.Eventually(t, "padding", func() bool { return len(w.sent()) > 6 })
	header := w.sent()[2]
	if header.SSRC != 11 || header.PayloadType != 97 {
		t.Errorf("padding of SSRC %d and type %d", header.SSRC, header.PayloadType)
	}
	mid, rid, repaired := header.GetExtension(1), header.GetExtension(10), header.GetExtension(11)
	if string(mid) != "0" || rid != nil || string(repaired) != "r1" {
		t.Errorf("padding with mid %q, rid %q, repaired rid %q", mid, rid, repaired)
	}
}

func TestFeedbackIsTakenFromAnyStream(t *testing.T) {
	s, w := newTestSide(t), &sentPackets{}
	video := s.BindLocalStream(streamInfo("video/VP8", 10), w)
	for i := range uint16(10) {
		write(t, video, 10, i, 1000)
	}
	packet := &rtcp.TransportLayerCC{
		Header: rtcp.Header{Type: rtcp.TypeTransportSpecificFeedback, Count: rtcp.FormatTCC, Length: 5, Padding: true},
		// That of the repairs.
		MediaSSRC: 11, PacketStatusCount: 1,
		PacketChunks: []rtcp.PacketStatusChunk{
			&rtcp.RunLengthChunk{PacketStatusSymbol: rtcp.TypeTCCPacketReceivedSmallDelta, RunLength: 1},
		},
		RecvDeltas: []*rtcp.RecvDelta{{Type: rtcp.TypeTCCPacketReceivedSmallDelta, Delta: 250}},
	}
	raw, err := packet.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	if !s.TakeFeedback(raw, 11, time.Now()) {
		t.Error("it is left to others")
	}
	if _, measured, _ := s.Bitrate(); !measured {
		t.Error("it was not taken")
	}
	for end := range raw {
		// Whatever is cut off: it is not taken, and does no harm.
		s.TakeFeedback(raw[:end], 11, time.Now())
	}
}
