package feedback

import (
	"testing"
	"time"

	"github.com/pion/rtcp"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media/clocktest"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/rtpwire"
)

// The time of day is set by an hour while packets come: nothing was late, and no frame is of another second.
func TestAClockThatIsSetIsNoJitterAndNoRoundTrip(t *testing.T) {
	for _, by := range []time.Duration{20 * time.Second, time.Hour, -time.Hour} {
		a := &Arrivals{clockRate: 1000}
		now := time.Now()
		for i := range 40 {
			at := now.Add(time.Duration(i) * 10 * time.Millisecond)
			if i >= 20 {
				at = clocktest.Jumped(at, by)
			}
			a.Take(packet(uint16(i), uint32(i*10), true), false, at)
		}
		later := clocktest.Jumped(now.Add(time.Second), by)
		if got := a.Read(later); got.Jitter > 0.001 || got.FramesPerSecond == 0 {
			t.Errorf("set by %v: %v s of jitter, %v frames a second", by, got.Jitter, got.FramesPerSecond)
		}

		var r ReceptionReports
		block := rtcp.ReceptionReport{SSRC: 7, LastSenderReport: rtpwire.CompactNTP(now), Delay: 65536 / 5}
		answer := clocktest.Jumped(now.Add(300*time.Millisecond), by)
		r.Take([]rtcp.Packet{&rtcp.ReceiverReport{Reports: []rtcp.ReceptionReport{block}}},
			ReportedStream{SSRC: 7, ClockRate: 90000}, answer)
		if off := r.Read().RoundTrip - 100*time.Millisecond; off.Abs() > time.Millisecond {
			t.Errorf("set by %v: a round trip of %v", by, r.Read().RoundTrip)
		}
	}
}
