package peer

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/pion/logging"
	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v4"
	"go.uber.org/goleak"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/peertest"
)

// pion starts in steps, and may be closed between any two of them, while packets of streams that nobody has opened wait.
func TestClosingWhileTransportsStartLeavesNothing(t *testing.T) {
	steps := map[string]step{
		"DTLS is up":     {"dtls", "Handshake Completed"},
		"pion says that": {"pc", "peer connection state changed: connected"},
	}
	uses := map[string]func(t *testing.T, p *Peer){
		"nothing": func(*testing.T, *Peer) {},
		"a track that is read": func(t *testing.T, p *Peer) {
			receiverOn(t, p, media.Video, 1000)
			// Who begins to read asks for a keyframe.
			_ = p.writeRTCP(&rtcp.PictureLossIndication{MediaSSRC: 1000})
		},
	}
	ends := map[string]func(p *Peer) error{
		"this side closes":      (*Peer).Close,
		"the other side closes": func(p *Peer) error { return p.pc.Close() },
	}
	for atStep, at := range steps {
		for use, prepare := range uses {
			for byWhom, end := range ends {
				t.Run(fmt.Sprintf("%s once %s, with %s", byWhom, atStep, use), func(t *testing.T) {
					others := goleak.IgnoreCurrent()
					for range 3 {
						closeAt(t, at, prepare, end)
					}
					goleak.VerifyNone(t, others)
				})
			}
		}
	}
}

// step is when a line is written to pion's log: who writes it waits meanwhile.
type step struct{ scope, line string }

// stepLog calls f at a step, once.
type stepLog struct {
	peertest.Warnings
	at step
	f  func()
}

func (l *stepLog) NewLogger(scope string) logging.LeveledLogger {
	return &stepLogger{l.Warnings.NewLogger(scope), scope, l}
}

type stepLogger struct {
	logging.LeveledLogger
	scope string
	log   *stepLog
}

func (l *stepLogger) Trace(line string) {
	if (step{l.scope, line}) == l.log.at {
		l.log.f()
	}
}

func (l *stepLogger) Infof(format string, args ...any) { l.Trace(fmt.Sprintf(format, args...)) }

func closeAt(t *testing.T, at step, prepare func(t *testing.T, p *Peer), end func(p *Peer) error) {
	t.Helper()
	log := &stepLog{at: at}
	a, b := newTestPeerWith(t, Options{Loopback: true, LoggerFactory: log}), newTestServer(t)
	closed := make(chan error, 1)
	log.f = sync.OnceFunc(func() {
		// So many have come that some wait to be accepted.
		enough := a.Traffic().PacketsReceived + 1000
		eventually(t, "packets", func() bool { return a.Traffic().PacketsReceived >= enough })
		go func() { closed <- end(a) }()
		// Closing goes on until it has to wait for who waits here.
		eventually(t, "the end's beginning", func() bool { return a.pc.SignalingState() == webrtc.SignalingStateClosed })
		time.Sleep(20 * time.Millisecond)
	})
	prepare(t, a)
	stop := keepDoing(b.writeStray)
	connect(t, a, b)
	if err := <-closed; err != nil {
		t.Error(err)
	}
	stop()
	for _, p := range []*Peer{a, b} {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	}
}
