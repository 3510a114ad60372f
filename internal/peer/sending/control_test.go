package sending

import (
	"bytes"
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
	mu       sync.Mutex
	headers  []rtp.Header
	payloads [][]byte
	// bursts have begun and not ended; each ends with so many lost.
	bursts, lost int
}

func copied(header *rtp.Header) rtp.Header {
	raw, err := header.Marshal()
	if err != nil {
		panic(err)
	}
	again := rtp.Header{}
	if _, err := again.Unmarshal(raw); err != nil {
		panic(err)
	}

	return again
}

// BeginBurst implements Way.
func (w *sentPackets) BeginBurst() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.bursts++
}

// EndBurst implements Way. The last packets of a burst may be lost.
func (w *sentPackets) EndBurst() (lost int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.bursts--

	return w.lost
}

// WriteRTP implements Way.
func (w *sentPackets) WriteRTP(header *rtp.Header, payload []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	// The memory of a header is that of the next one.
	w.headers = append(w.headers, copied(header))
	w.payloads = append(w.payloads, bytes.Clone(payload))

	return header.MarshalSize() + len(payload), nil
}

func (w *sentPackets) sent() []rtp.Header {
	w.mu.Lock()
	defer w.mu.Unlock()

	return append([]rtp.Header(nil), w.headers...)
}

// newTestSide is a side whose goroutines end with the test.
func newTestSide(t *testing.T) (*Control, *sentPackets) {
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
	w := &sentPackets{}
	s.Open(w)

	return s, w
}

func streamInfo(mimeType string, ssrc uint32) *interceptor.StreamInfo {
	return &interceptor.StreamInfo{
		SSRC: ssrc, SSRCRetransmission: ssrc + 1, PayloadType: 96, PayloadTypeRetransmission: 97, MimeType: mimeType,
		RTCPFeedback:        []interceptor.RTCPFeedback{{Type: "nack"}, {Type: "nack", Parameter: "pli"}},
		RTPHeaderExtensions: []interceptor.RTPHeaderExtension{{URI: rtpwire.TransportWideCCURI, ID: 5}, {URI: rtpwire.AbsSendTimeURI, ID: 3}},
	}
}

// write writes a packet of size bytes.
func write(stream *pacedStream, sequence uint16, size int) {
	stream.writeAll([]packet{{sequence: sequence, payload: make([]byte, size)}}, time.Now())
}

func TestSoundOvertakesAKeyframe(t *testing.T) {
	s, w := newTestSide(t)
	video := s.bind(streamInfo("video/VP8", 10), "0", "")
	audio := s.bind(streamInfo("audio/opus", 20), "1", "")
	for i := range uint16(100) {
		write(video, i, 1000)
	}
	write(audio, 0, 100)
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

// A network that takes next to nothing, and more sound than that: pictures share what there is with pictures.
func TestVideoIsNotHeldUpBySound(t *testing.T) {
	s, w := newTestSide(t)
	video := s.bind(streamInfo("video/VP8", 10), "0", "")
	audio := s.bind(streamInfo("audio/opus", 20), "1", "")
	s.remote(&rtcp.ReceiverEstimatedMaximumBitrate{Bitrate: 10_000}, time.Now())
	s.Share(30_000, 0)
	for i := range uint16(1000) {
		write(audio, i, 1000)
	}
	write(video, 0, 1000)
	peertest.Eventually(t, "a picture", func() bool {
		sent := w.sent()

		return sent[len(sent)-1].SSRC == 10
	})
}

func TestNothingWaitsWithoutFeedback(t *testing.T) {
	s, w := newTestSide(t)
	info := streamInfo("video/VP8", 10)
	info.RTPHeaderExtensions = nil
	video := s.bind(info, "0", "r1")
	for i := range uint16(1000) {
		write(video, i, 1000)
	}
	if n := len(w.sent()); n != 1000 {
		t.Errorf("%d of 1000 packets left", n)
	}
	if _, _, known := s.Bitrate(); known {
		t.Error("there is an estimate")
	}
}

func TestAProbeSendsARecentPacketAgain(t *testing.T) {
	s, w := newTestSide(t)
	info := streamInfo("video/VP8", 10)
	info.RTPHeaderExtensions = append(info.RTPHeaderExtensions,
		interceptor.RTPHeaderExtension{URI: rtpwire.MidURI, ID: 1}, interceptor.RTPHeaderExtension{URI: rtpwire.RidURI, ID: 10},
		interceptor.RTPHeaderExtension{URI: rtpwire.RepairedRidURI, ID: 11})
	video := s.bind(info, "0", "r1")
	video.writeAll([]packet{{sequence: 76, payload: make([]byte, 1000), named: true}}, time.Now())
	write(video, 77, 1000)
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
	s, _ := newTestSide(t)
	video := s.bind(streamInfo("video/VP8", 10), "0", "")
	for i := range uint16(10) {
		write(video, i, 1000)
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
