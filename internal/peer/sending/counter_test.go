package sending

import (
	"testing"

	"github.com/pion/interceptor"
	"github.com/pion/rtp"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/rtpwire"
)

func TestWhatIsSentAgainIsCounted(t *testing.T) {
	c := NewCounter()
	sink := interceptor.RTPWriterFunc(func(*rtp.Header, []byte, interceptor.Attributes) (int, error) { return 1, nil })
	writer := c.BindLocalStream(&interceptor.StreamInfo{SSRC: 7, SSRCRetransmission: 9}, sink)
	for _, h := range []rtp.Header{
		{SSRC: 7, SequenceNumber: 65535}, {SSRC: 9, SequenceNumber: 3}, {SSRC: 7}, {SSRC: 9}, {SSRC: 7, SequenceNumber: 65535},
	} {
		if _, err := writer.Write(&h, make([]byte, 5), nil); err != nil {
			t.Fatal(err)
		}
	}
	if sent, again := c.Sent(7); sent != (rtpwire.Traffic{Packets: 2, Bytes: 10, Headers: 24}) || again != (rtpwire.Traffic{Packets: 3, Bytes: 15, Headers: 36}) {
		t.Errorf("sent %+v, again %+v", sent, again)
	}
}
