package connectivity

import (
	"fmt"
	"net"
	"os"
	"slices"
	"syscall"
	"testing"

	"github.com/pion/logging"
	"github.com/pion/sctp"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/peertest"
)

func TestOnlyWhatIsUsualIsNoWarning(t *testing.T) {
	all := &peertest.Warnings{}
	log := func(scope string) logging.LeveledLogger { return withoutUsual(scope, all.NewLogger(scope)) }
	log("pc").Errorf("Incoming unhandled RTP ssrc(%d), OnTrack will not be fired. %v", 1234, "codec not found")
	log("pc").Warnf("Incoming unhandled RTCP ssrc(%d), OnTrack will not be fired", 99)
	log("sctp").Warnf("[%s] failed to write packets on netConn: %v", "x", "closed")
	log("ice").Warn("Failed to ping without candidate pairs. Connection is not possible yet.")
	for _, answer := range []string{
		"Discard success response with broken integrity from (%s), %v", "Discard error response with broken integrity from (%s), %v",
		"Discard success message from (%s), no such remote: %v", "Discard success response from (%s), unknown TransactionID 0x%x",
		"Discard message from (%s), unknown TransactionID 0x%x",
	} {
		log("ice").Warnf(answer, "127.0.0.1:1", os.ErrInvalid)
	}
	unread := func(chunk string) error { return fmt.Errorf("%w: %s", sctp.ErrUnmarshalUnknownChunkType, chunk) }
	log("sctp").Warnf("[%s] unable to parse SCTP packet %s", "x", unread("HEARTBEAT-ACK"))
	log("mux").Warnf("Warning: mux: no endpoint for packet starting with %d, adding to queue size(%d)", 21, 0)
	closing := &net.OpError{Op: "read", Net: "udp4", Err: os.ErrDeadlineExceeded}
	log("ice").Warnf("Failed to read from candidate %s: %v", "udp4 host", closing)
	if len(all.Lines()) > 0 {
		t.Errorf("warned of %q", all.Lines())
	}
	// Another scope's, and others.
	log("sctp").Warn("Failed to ping")
	log("sctp").Warnf("[%s] unable to parse SCTP packet %s", "x", unread("ECNE"))
	log("pc").Warn("trouble")
	log("pc").Warnf("trouble %d", 1)
	log("pc").Errorf("trouble %d", 2)
	log("ice").Warnf("trouble %d", 3)
	log("ice").Warnf("Discard request with wrong username from (%s)", "127.0.0.1:1")
	log("ice").Warnf("Failed to read from candidate %s: %v", "udp4 host", syscall.ENETDOWN)
	log("mux").Error("trouble")
	want := []string{
		"sctp: Failed to ping", "sctp: [x] unable to parse SCTP packet failed to unmarshal, contains unknown chunk type: ECNE", "pc: trouble", "pc: trouble 1", "pc: trouble 2", "ice: trouble 3", "ice: Discard request with wrong username from (127.0.0.1:1)",
		"ice: Failed to read from candidate udp4 host: network is down", "mux: trouble",
	}
	if !slices.Equal(all.Lines(), want) {
		t.Errorf("warned of %q", all.Lines())
	}
}
