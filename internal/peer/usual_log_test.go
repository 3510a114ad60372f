package peer

import (
	"encoding/binary"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/pion/logging"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"

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

// A healthy session has streams that nobody waits for: those of mediasoup's probator and
// of consumers that were closed, feedback about the whole connection, reports of others.
func TestAHealthySessionWarnsOfNothing(t *testing.T) {
	log := &warnings{}
	a := newTestPeerWith(t, Options{Loopback: true, LoggerFactory: log})
	b := newTestServer(t)
	video := newFakeTrack(media.Video)
	sender := add(t, a, video)
	connect(t, a, b)
	send(t, sender, b)
	// What the server sends, and this side closes.
	sound := newFakeTrack(media.Audio)
	closed := send(t, add(t, b, sound), a)
	untilConnected(t, a, b)
	closed.Stop()
	var strange sync.Map
	a.streams.mu.Lock()
	taken := a.streams.strays
	a.streams.strays = func(packet []byte, now time.Time) {
		strange.Store(binary.BigEndian.Uint32(packet[8:]), true)
		taken(packet, now)
	}
	a.streams.mu.Unlock()
	before := video.keyframes.Load()
	eventually(t, "RTCP", func() bool {
		for ssrc := range uint32(40) {
			header := &rtp.Header{Version: 2, SSRC: 1200 + ssrc, PayloadType: 127}
			if _, err := b.gate.Write(header, make([]byte, 100), nil); err != nil {
				t.Fatal(err)
			}
		}
		sound.write(&media.EncodedFrame{Data: []byte{1, 2}, Keyframe: true})
		for _, ssrc := range []uint32{0, 4711, sender.Streams()[0].SSRC} {
			if err := b.writeRTCP(&rtcp.PictureLossIndication{MediaSSRC: ssrc}); err != nil {
				t.Fatal(err)
			}
		}

		_, first := strange.Load(uint32(1200))
		_, last := strange.Load(uint32(1239))

		return video.keyframes.Load() > before && first && last
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
	log("sctp").Warnf("[%s] failed to write packets on netConn: %v", "x", "closed")
	log("ice").Warn("Failed to ping without candidate pairs. Connection is not possible yet.")
	log("mux").Warnf("Warning: mux: no endpoint for packet starting with %d, adding to queue size(%d)", 21, 0)
	if len(all.lines) > 0 {
		t.Errorf("warned of %q", all.lines)
	}
	// Another scope's, and others.
	log("sctp").Warn("Failed to ping")
	log("pc").Warn("trouble")
	log("pc").Warnf("trouble %d", 1)
	log("pc").Errorf("trouble %d", 2)
	log("ice").Warnf("trouble %d", 3)
	log("mux").Error("trouble")
	want := []string{
		"sctp: Failed to ping", "pc: trouble", "pc: trouble 1", "pc: trouble 2", "ice: trouble 3", "mux: trouble",
	}
	if !slices.Equal(all.lines, want) {
		t.Errorf("warned of %q", all.lines)
	}
}
