package sending

import (
	"testing"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtp"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/rtpwire"
)

func TestHeadersHoldWhatWasNegotiated(t *testing.T) {
	now := time.Date(2024, 1, 2, 3, 4, 5, 678_000_000, time.UTC)
	uris := []string{
		rtpwire.MidURI, rtpwire.RidURI, rtpwire.RepairedRidURI, rtpwire.AudioLevelURI, rtpwire.DependencyDescriptorURI,
		rtpwire.AbsCaptureTimeURI, rtpwire.AbsSendTimeURI, rtpwire.TransportWideCCURI,
	}
	// The numbers begin at one: what is above 14 needs the long form, as do long values.
	for _, first := range []int{1, 7, 100, 240} {
		for _, descriptor := range []int{0, 3, 16, 17, 100} {
			info := streamInfo("video/VP8", 10)
			info.RTPHeaderExtensions = nil
			id := make(map[string]uint8)
			for i, uri := range uris {
				id[uri] = uint8(first + i) //nolint:gosec // small
				info.RTPHeaderExtensions = append(info.RTPHeaderExtensions, interceptor.RTPHeaderExtension{URI: uri, ID: first + i})
			}
			s, w := newTestSide(t)
			stream := s.bind(info, "mid", "rid")
			captured := rtpwire.NTPTime(now)
			stream.writeAll([]packet{{
				sequence: 5, payload: []byte{1}, named: true, level: 40, captured: captured, dependencies: make([]byte, descriptor),
			}}, now)
			header := w.sent()[0]
			for uri, want := range map[string]int{
				rtpwire.MidURI: 3, rtpwire.RidURI: 3, rtpwire.RepairedRidURI: 0, rtpwire.AudioLevelURI: 1,
				rtpwire.DependencyDescriptorURI: descriptor, rtpwire.AbsCaptureTimeURI: 8,
				rtpwire.AbsSendTimeURI: 3, rtpwire.TransportWideCCURI: 2,
			} {
				if got := len(header.GetExtension(id[uri])); got != want {
					t.Errorf("from %d, descriptor of %d bytes: %s has %d bytes, want %d", first, descriptor, uri, got, want)
				}
			}
			sendTime, capture := rtp.AbsSendTimeExtension{}, rtp.AbsCaptureTimeExtension{}
			if sendTime.Unmarshal(header.GetExtension(id[rtpwire.AbsSendTimeURI])) != nil ||
				sendTime.Timestamp != rtp.NewAbsSendTimeExtension(now).Timestamp&0xffffff {
				t.Errorf("sent at %d", sendTime.Timestamp)
			}
			if capture.Unmarshal(header.GetExtension(id[rtpwire.AbsCaptureTimeURI])) != nil || capture.Timestamp != captured {
				t.Errorf("captured at %d", capture.Timestamp)
			}
		}
	}
}

func TestNothingNegotiatedMakesAPlainHeader(t *testing.T) {
	s, w := newTestSide(t)
	stream := s.bind(&interceptor.StreamInfo{SSRC: 10, PayloadType: 96, MimeType: "audio/opus"}, "0", "r")
	stream.writeAll([]packet{{sequence: 5, payload: []byte{1}, named: true, level: 40, captured: 7, dependencies: []byte{1}}}, time.Now())
	if header := w.sent()[0]; header.Extension || header.MarshalSize() != 12 {
		t.Errorf("%+v", header)
	}
}

func TestSendingAPacketAllocatesNothing(t *testing.T) {
	s, _ := newTestSide(t)
	s.Open(discard{})
	stream := s.bind(streamInfo("video/VP8", 10), "0", "")
	packets := []packet{{payload: make([]byte, 1000), level: 40, named: true}}
	now := time.Now()
	if n := testing.AllocsPerRun(5000, func() {
		packets[0].sequence++
		now = now.Add(time.Second)
		stream.writeAll(packets, now)
	}); n > 0.5 {
		t.Errorf("%v allocations", n)
	}
}

type discard struct{}

func (discard) BeginBurst() {}

func (discard) EndBurst() int { return 0 }

func (discard) WriteRTP(header *rtp.Header, payload []byte) (int, error) {
	return header.MarshalSize() + len(payload), nil
}
