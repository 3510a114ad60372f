package sending

import (
	"bytes"
	"encoding/binary"
	"testing"
	"time"

	"github.com/pion/interceptor"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/rtpwire"
)

// settled lets what was sent again be asked for again.
func settled(stream *pacedStream) { resentAgo(stream, time.Second) }

// resentAgo lets what was sent again have left so much earlier.
func resentAgo(stream *pacedStream, d time.Duration) {
	s := stream.control
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range stream.history.kept {
		stream.history.kept[i].resent = stream.history.kept[i].resent.Add(-d)
	}
}

// A server that tells its own estimate measures no round trip.
func TestWithoutFeedbackRepairsFollowTheRoundTripOfTheConnection(t *testing.T) {
	for _, roundTrip := range []time.Duration{10 * time.Millisecond, time.Second} {
		s, w := newTestSide(t)
		info := streamInfo("video/VP8", 10)
		info.RTPHeaderExtensions = []interceptor.RTPHeaderExtension{{URI: rtpwire.AbsSendTimeURI, ID: 4}}
		video := s.bind(info, "0", "")
		video.writeAll([]packet{{sequence: 9, payload: []byte{1}}}, time.Now())
		s.Repair(10, []uint16{9}, roundTrip)
		resentAgo(video, roundTrip/2)
		s.Repair(10, []uint16{9}, roundTrip)
		if n := len(w.sent()); n != 2 {
			t.Errorf("%v: %d repairs within a round trip", roundTrip, n-1)
		}
		resentAgo(video, roundTrip/2+repairSlack)
		s.Repair(10, []uint16{9}, roundTrip)
		if n := len(w.sent()); n != 3 {
			t.Errorf("%v: %d repairs after another round trip", roundTrip, n-1)
		}
	}
}

func TestRepairsAreNumberedAsTheyLeave(t *testing.T) {
	s, w := newTestSide(t)
	video := s.bind(streamInfo("video/VP8", 10), "0", "")
	payload := []byte{1, 2, 3}
	video.writeAll([]packet{{sequence: 9, payload: payload, timestamp: 77, marker: true}}, time.Now())
	s.Repair(10, []uint16{9}, 0)
	s.Repair(10, []uint16{9}, 0)
	settled(video)
	s.Repair(10, []uint16{9, 8, 10}, 0)
	s.Repair(99, []uint16{9}, 0)
	sent := w.sent()
	if len(sent) != 3 {
		t.Fatalf("%d of three repairs of one packet left, the second before a round trip", len(sent)-1)
	}
	for i, header := range sent[1:] {
		if header.SSRC != 11 || header.PayloadType != 97 || header.Timestamp != 77 || !header.Marker {
			t.Errorf("repair %d has the header %+v", i, header)
		}
		if header.SequenceNumber != sent[1].SequenceNumber+uint16(i) {
			t.Errorf("repair %d has the number %d", i, header.SequenceNumber)
		}
		if got := binary.BigEndian.Uint16(header.GetExtension(5)); int(got) != i+1 {
			t.Errorf("repair %d has the transport-wide number %d", i, got)
		}
		if !bytes.Equal(w.payloads[i+1], []byte{0, 9, 1, 2, 3}) {
			t.Errorf("repair %d holds %v", i, w.payloads[i+1])
		}
	}
	if refused := s.Paced(10).refused; refused != 1 {
		t.Errorf("%d were refused", refused)
	}
	if first, again := s.Sent(10); first.Packets != 1 || first.Bytes != 3 || again.Packets != 2 || again.Bytes != 10 {
		t.Errorf("sent %+v, again %+v", first, again)
	}
}

func TestWithoutAStreamOfRepairsPacketsAreSentAgainAsTheyWere(t *testing.T) {
	for _, mimeType := range []string{"audio/opus", "video/VP8"} {
		s, w := newTestSide(t)
		info := streamInfo(mimeType, 10)
		info.SSRCRetransmission, info.PayloadTypeRetransmission = 0, 0
		stream := s.bind(info, "0", "")
		for i := range uint16(3) {
			stream.writeAll([]packet{{sequence: 65534 + i, payload: []byte{byte(i)}, level: 30}}, time.Now())
		}
		s.Repair(10, []uint16{65535}, 0)
		sent := w.sent()
		if len(sent) != 4 {
			t.Fatalf("%s: %d packets left", mimeType, len(sent))
		}
		if again := sent[3]; again.SSRC != 10 || again.PayloadType != 96 || again.SequenceNumber != 65535 || !bytes.Equal(w.payloads[3], []byte{1}) {
			t.Errorf("%s: again %+v", mimeType, again)
		}
		if first, again := s.Sent(10); first.Packets != 3 || again.Packets != 1 {
			t.Errorf("%s: sent %+v, again %+v", mimeType, first, again)
		}
	}
}

func TestWhatTheServerDoesNotAskForIsNotKept(t *testing.T) {
	s, w := newTestSide(t)
	info := streamInfo("video/VP8", 10)
	info.RTCPFeedback = []interceptor.RTCPFeedback{{Type: "nack", Parameter: "pli"}}
	video := s.bind(info, "0", "")
	write(video, 1, 1000)
	s.Repair(10, []uint16{1}, 0)
	if n := len(w.sent()); n != 1 || video.history.count != 0 {
		t.Errorf("%d packets left, %d are kept", n, video.history.count)
	}
}

func TestRepairsNameTheEncodingThatTheyRepair(t *testing.T) {
	const mid, rid, repaired, level = 1, 10, 11, 6
	for _, named := range []bool{true, false} {
		s, w := newTestSide(t)
		info := streamInfo("video/VP8", 10)
		info.RTPHeaderExtensions = append(info.RTPHeaderExtensions,
			interceptor.RTPHeaderExtension{URI: rtpwire.MidURI, ID: mid}, interceptor.RTPHeaderExtension{URI: rtpwire.RidURI, ID: rid},
			interceptor.RTPHeaderExtension{URI: rtpwire.RepairedRidURI, ID: repaired},
			interceptor.RTPHeaderExtension{URI: rtpwire.AudioLevelURI, ID: level})
		video := s.bind(info, "7", "r1")
		video.writeAll([]packet{{sequence: 1, payload: []byte{1}, named: named, level: 30 | 0x80}}, time.Now())
		for range 2 * midPackets {
			settled(video)
			// The budget is not what is tested.
			s.repairs.left = 1e6
			s.Repair(10, []uint16{1}, 0)
		}
		sent := w.sent()
		if len(sent) != 1+2*midPackets {
			t.Fatalf("%d packets left", len(sent))
		}
		for i, header := range sent {
			got := [3]string{string(header.GetExtension(mid)), string(header.GetExtension(rid)), string(header.GetExtension(repaired))}
			want := [3]string{}
			switch {
			case i == 0 && named:
				want = [3]string{"7", "r1", ""}
			case i > 0 && (named || i <= midPackets):
				want = [3]string{"7", "", "r1"}
			}
			if got != want {
				t.Fatalf("named %v: packet %d has %q, want %q", named, i, got, want)
			}
			if !bytes.Equal(header.GetExtension(level), []byte{30 | 0x80}) {
				t.Errorf("packet %d has the level %v", i, header.GetExtension(level))
			}
		}
	}
}

// A server may ask for a packet that is still waiting to be sent again.
func TestARepairThatWaitsIsNotAskedForTwice(t *testing.T) {
	s, _ := newTestSide(t)
	video := s.bind(streamInfo("video/VP8", 10), "0", "")
	video.writeAll([]packet{{sequence: 0, payload: make([]byte, 1000)}}, time.Now())
	// The pacer is taken up.
	s.mu.Lock()
	s.pacer.Sent(100_000, time.Now())
	s.mu.Unlock()
	s.Repair(10, []uint16{0}, 0)
	settled(video)
	s.Repair(10, []uint16{0}, 0)
	s.mu.Lock()
	defer s.mu.Unlock()
	if bytes := s.pacer.Bytes(); bytes > 1100 || bytes == 0 {
		t.Errorf("%d bytes wait", bytes)
	}
}

func TestRepairsOfVideoAreBoundedAndThoseOfSoundAreNot(t *testing.T) {
	s, w := newTestSide(t)
	// A second of half of this is about 60 packets.
	s.estimator.Remote(1_000_000)
	video := s.bind(streamInfo("video/VP8", 10), "0", "")
	info := streamInfo("audio/opus", 20)
	info.SSRCRetransmission = 0
	audio := s.bind(info, "1", "")
	var all []uint16
	now := time.Now()
	for i := range uint16(200) {
		all = append(all, i)
		video.history.add(&packet{sequence: i, payload: make([]byte, 1000)}, now, time.Second)
		audio.history.add(&packet{sequence: i, payload: make([]byte, 100)}, now, time.Second)
	}
	s.Repair(10, all, 0)
	s.Repair(20, all, 0)
	sound := 0
	for _, header := range w.sent() {
		if header.SSRC == 20 {
			sound++
		}
	}
	if sound != 200 {
		t.Errorf("%d packets of sound were sent again", sound)
	}
	if refused := s.Paced(10).refused; refused < 100 || refused == 200 {
		t.Errorf("%d of 200 packets of video were refused", refused)
	}
}

// A network that fails is told of at the end of a burst.
func TestWhatIsLostOfABurstIsNotCounted(t *testing.T) {
	for _, lost := range []int{0, 1, 3, 5} {
		s, w := newTestSide(t)
		video := s.bind(streamInfo("video/VP8", 10), "0", "")
		w.lost = lost
		video.writeAll([]packet{{payload: []byte{1}}, {sequence: 1, payload: []byte{2}}, {sequence: 2, payload: []byte{3}}}, time.Now())
		if sent, _ := s.Sent(10); int(sent.Packets) != max(3-lost, 0) { //nolint:gosec // small
			t.Errorf("%d lost: %d are counted", lost, sent.Packets)
		}
		// One packet has nothing to wait for.
		w.lost = 0
		write(video, 3, 10)
		s.Repair(10, []uint16{0, 1, 2}, 0)
		if w.bursts != 0 {
			t.Errorf("%d bursts have not ended", w.bursts)
		}
	}
}
