package peer

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/pion/logging"
	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v4"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// warnings are the lines of a log at the levels warn and error.
type warnings struct {
	mu    sync.Mutex
	lines []string
}

func (w *warnings) NewLogger(scope string) logging.LeveledLogger { return &warningLogger{w, scope} }

func (w *warnings) add(scope, line string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lines = append(w.lines, scope+": "+line)
}

type warningLogger struct {
	all   *warnings
	scope string
}

func (*warningLogger) Trace(string)                    {}
func (*warningLogger) Tracef(string, ...any)           {}
func (*warningLogger) Debug(string)                    {}
func (*warningLogger) Debugf(string, ...any)           {}
func (*warningLogger) Info(string)                     {}
func (*warningLogger) Infof(string, ...any)            {}
func (l *warningLogger) Warn(line string)              { l.all.add(l.scope, line) }
func (l *warningLogger) Warnf(format string, a ...any) { l.all.add(l.scope, fmt.Sprintf(format, a...)) }
func (l *warningLogger) Error(line string)             { l.all.add(l.scope, line) }
func (l *warningLogger) Errorf(format string, a ...any) {
	l.all.add(l.scope, fmt.Sprintf(format, a...))
}

func TestWhatIsUsualIsNoWarning(t *testing.T) {
	log := &warnings{}
	a := newTestPeerWith(t, Options{Loopback: true, LoggerFactory: log})
	b := newTestPeer(t)
	track := newFakeTrack(media.Video)
	add(t, a, track)
	negotiate(t, a, b)
	eventually(t, "connected", func() bool {
		return a.pc.ConnectionState() == webrtc.PeerConnectionStateConnected &&
			b.pc.ConnectionState() == webrtc.PeerConnectionStateConnected
	})
	// Feedback about no stream (SSRC 0) is a server's for the whole connection. The
	// request behind it shows that it has arrived.
	before := track.keyframes.Load()
	eventually(t, "RTCP", func() bool {
		ssrc := uint32(a.listSenders()[0].rtp.GetParameters().Encodings[0].SSRC)
		for _, media := range []uint32{0, ssrc} {
			if err := b.pc.WriteRTCP([]rtcp.Packet{&rtcp.PictureLossIndication{MediaSSRC: media}}); err != nil {
				t.Fatal(err)
			}
		}

		return track.keyframes.Load() > before
	})
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	log.mu.Lock()
	defer log.mu.Unlock()
	for _, line := range log.lines {
		t.Error(line)
	}
}

func TestOnlyWhatIsUsualIsNoWarning(t *testing.T) {
	all := &warnings{}
	log := func(scope string) logging.LeveledLogger { return withoutUsual(scope, all.NewLogger(scope)) }
	log("pc").Errorf("Incoming unhandled RTP ssrc(%d), OnTrack will not be fired. %v", 1234, "codec not found")
	log("pc").Warnf("Incoming unhandled RTCP ssrc(%d), OnTrack will not be fired", 99)
	log("pc").Warnf("OnTrack unset, unable to handle incoming media streams")
	log("ice").Warn("Failed to ping without candidate pairs. Connection is not possible yet.")
	log("mux").Warnf("Warning: mux: no endpoint for packet starting with %d, adding to queue size(%d)", 21, 0)
	if len(all.lines) > 0 {
		t.Errorf("warned of %q", all.lines)
	}
	// Another scope's, and others.
	log("sctp").Warn("OnTrack unset")
	log("pc").Warn("trouble")
	log("pc").Warnf("trouble %d", 1)
	log("pc").Errorf("trouble %d", 2)
	log("ice").Warnf("trouble %d", 3)
	log("mux").Error("trouble")
	want := []string{
		"sctp: OnTrack unset", "pc: trouble", "pc: trouble 1", "pc: trouble 2", "ice: trouble 3", "mux: trouble",
	}
	if !slices.Equal(all.lines, want) {
		t.Errorf("warned of %q", all.lines)
	}
}
