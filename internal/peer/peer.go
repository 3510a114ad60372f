package peer

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/pion/interceptor"
	"github.com/pion/logging"
	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v4"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/connectivity"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/feedback"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/guarded"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/sending"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/stats"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/recovery"
)

// Peer is one connection, which negotiates ICE, DTLS and SCTP, and the RTP streams
// beside it, each of which is as its Parameters say.
type Peer struct {
	options Options
	log     logging.LeveledLogger
	api     *webrtc.API
	pc      *webrtc.PeerConnection
	sctp    *webrtc.SCTPTransport
	dtls    *webrtc.DTLSTransport
	ice     *webrtc.ICETransport
	nacks   *feedback.NACKs
	side    *sending.Control
	shares  shares
	network *connectivity.Network
	done    context.Context //nolint:containedctx // ends with Close
	finish  context.CancelFunc
	closed  atomic.Bool
	// isFlooded says that the connection ended because of what the server sent.
	isFlooded atomic.Bool
	// over is closed when Close is done.
	over    chan struct{}
	readers sync.WaitGroup
	// negotiations are the calls that a close waits for.
	negotiations calls
	// flowing is closed once pion has started SRTP by itself, and connected set once packets can be sent. Who asks for SRTP
	// has pion start it: before pion accepts streams, and so before it could be closed while one comes (demux.go).
	flowing   chan struct{}
	connected atomic.Bool
	hastener  *connectivity.Hastener

	// streams takes packets that come, which pass the chain, and gate sends what leaves;
	// control writes RTCP.
	streams *demux
	gate    *sending.Gate
	chain   interceptor.Interceptor
	control interceptor.RTCPWriter

	// strays says that packets that nobody waits for are seen.
	strays atomic.Bool

	reporter  *sending.Reporter
	receiving *feedback.ReceiverReports

	// changes counts what makes reports of before it untrue, which are kept for a while.
	changes        atomic.Uint64
	all, ofConnect stats.Kept

	lastRoundTrip roundTripTime
	handshakes    connectivity.Handshakes
	connection    *connectionState
	// unheard says that nothing came on the way that ICE had chosen. It is written while the connection's state is told.
	unheard bool
	// pairChanges counts the pairs that ICE has chosen.
	pairChanges atomic.Uint64
	// maxMessageSize is the remote side's a=max-message-size, in bytes.
	maxMessageSize atomic.Uint64

	// gathering says that pion gathers candidates.
	gathering atomic.Bool

	// negotiating guards what is in force, and the ICE servers that will be.
	negotiating     sync.Mutex
	remote          *Remote
	channelsInForce bool
	nextServers     *[]ICEServer

	mu         sync.Mutex
	iceServers []ICEServer
	senders    map[*Sender]struct{}
	receivers  map[*Receiver]struct{}
	channels   map[*DataChannel]struct{}
	// channelsUsed says that there ever was one.
	channelsUsed  bool
	channelCounts channelCounts
	// made numbers senders and receivers.
	made uint64
	left []leftEars
	// ended are the last senders that were stopped.
	ended []senderState
	// before is what ICE carried before it began anew.
	before stats.PairTraffic
}

// New makes a peer connection that has not begun to connect.
func New(options Options) (*Peer, error) {
	if err := connectivity.CheckICEServers(options.ICEServers); err != nil {
		return nil, fmt.Errorf("%w: iceServers: %w", ErrInvalidArgument, err)
	}
	o := options.withDefaults()
	p := &Peer{
		options:    o,
		log:        o.LoggerFactory.NewLogger("peer"),
		senders:    make(map[*Sender]struct{}),
		receivers:  make(map[*Receiver]struct{}),
		channels:   make(map[*DataChannel]struct{}),
		over:       make(chan struct{}),
		flowing:    make(chan struct{}),
		connection: newConnectionState(),
	}
	p.reporter = sending.NewReporter(o.Owner, p.start, p.listStreams, p.sendReports)
	p.nacks = feedback.NewNACKs(p.start, p.roundTrip)
	p.receiving = feedback.NewReceiverReports(p.start, p.nacks.SSRC(), p.receptionReports, p.sendReports)
	p.side = sending.NewControl(func(name string, f func(done <-chan struct{})) {
		p.start(name, func(ctx context.Context) { f(ctx.Done()) })
	}, func() { p.shareOut(false) })
	p.maxMessageSize.Store(connectivity.DefaultMaxMessageSize)
	p.iceServers = o.ICEServers
	o.Secrets.addServers(o.ICEServers)
	o.LoggerFactory = guarded.Log(
		connectivity.NewLog(o.LoggerFactory, &p.handshakes, sync.OnceFunc(func() { close(p.flowing) }),
			p.listICEServers, p.gatheringFailed), o.Owner)
	p.hastener = connectivity.NewHastener(p.start, p.iceTransport, p.addCandidate)
	var err error
	if p.network, err = connectivity.NewNetwork(o.Go, p.hastener.HasPair, p.hastener.Opened); err != nil {
		return nil, err
	}
	p.network.SetServers(o.ICEServers)
	defer func() {
		if p.pc == nil {
			p.network.Close()
		}
	}()
	p.chain = interceptor.NewChain([]interceptor.Interceptor{p.nacks, feedback.NewAcknowledgements(p.start)})
	unasked := newStrangers(p.flooded)
	p.streams = newDemux(o.Owner, unasked, func() bool { return p.refusal() != nil })
	p.streams.feedback = p.side.TakeFeedback
	if p.api, err = newAPI(o, p.network, &p.handshakes, p.streams); err != nil {
		return nil, err
	}
	configuration := webrtc.Configuration{
		BundlePolicy:  webrtc.BundlePolicyMaxBundle,
		RTCPMuxPolicy: webrtc.RTCPMuxPolicyRequire,
		ICEServers:    connectivity.ICEServers(o.ICEServers),
	}
	if o.ICETransportPolicy == "relay" {
		configuration.ICETransportPolicy = webrtc.ICETransportPolicyRelay
	}
	if o.GatherEarly {
		// All of mediasoup's media is one bundle, so more than one would be left over.
		configuration.ICECandidatePoolSize = 1
	}
	p.gathering.Store(o.GatherEarly)
	if err = p.open(configuration); err != nil {
		return nil, err
	}
	p.ice.OnSelectedCandidatePairChange(
		func(*webrtc.ICECandidatePair) {
			recovery.Run(o.Owner, "a pair of candidates", func() { p.pairChanges.Add(1) })
		})
	p.done, p.finish = context.WithCancel(context.Background())
	p.watchConnection()
	p.pc.OnDataChannel(func(*webrtc.DataChannel) {
		recovery.Run(o.Owner, "a data channel of the server's", unasked.channel)
	})
	p.pc.OnICEGatheringStateChange(func(state webrtc.ICEGatheringState) {
		recovery.Run(o.Owner, "a gathering's state", func() {
			p.gatheringChanged(state)
			if !p.closed.Load() {
				o.Observer.ICEGatheringState(state.String())
			}
		})
	})
	// What gathered early may have ended before anybody listened.
	if p.pc.ICEGatheringState() == webrtc.ICEGatheringStateComplete {
		p.gathering.Store(false)
	}

	return p, nil
}

// open makes what the streams need of pion.
func (p *Peer) open(configuration webrtc.Configuration) error {
	var err error
	if p.pc, err = p.api.NewPeerConnection(configuration); err != nil {
		return fmt.Errorf("making a peer connection: %w", err)
	}
	// Asked for later these take locks that pion holds while it closes.
	p.sctp = p.pc.SCTP()
	p.dtls = p.sctp.Transport()
	p.ice = p.dtls.ICETransport()
	_, err = p.pc.AddTransceiverFromKind(webrtc.RTPCodecTypeAudio,
		webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly})
	if err == nil {
		p.gate, err = sending.NewGate(p.api, p.dtls, p.network)
	}
	if err != nil {
		err = errors.Join(fmt.Errorf("making a peer connection: %w", err), p.pc.Close())
		p.pc = nil

		return err
	}
	p.side.Open(p.gate)
	p.control = p.chain.BindRTCPWriter(interceptor.RTCPWriterFunc(
		func(packets []rtcp.Packet, _ interceptor.Attributes) (int, error) {
			if !p.isFlowing() {
				return 0, fmt.Errorf("%w: SRTP has not started", ErrInvalidState)
			}

			return p.dtls.WriteRTCP(packets)
		}))

	return nil
}

// untilFlowing is false if the peer closes before.
func (p *Peer) untilFlowing() bool {
	select {
	case <-p.flowing:
		return true
	case <-p.done.Done():
		return false
	}
}

func (p *Peer) isFlowing() bool {
	select {
	case <-p.flowing:
		return true
	default:
		return false
	}
}

// refusal is why nothing can be asked of the peer any more; nil as long as it can.
func (p *Peer) refusal() error {
	switch {
	case p.closed.Load():
		return ErrClosed
	case p.isFlooded.Load():
		return errFlooded
	case p.pc.SignalingState() == webrtc.SignalingStateClosed:
		// pion closes by itself at the other side's close_notify (RFC 8446 section 6.1).
		return errClosedByRemote
	default:
		return nil
	}
}

// failed says what was being done when pion failed, or that the peer has closed.
func (p *Peer) failed(doing string, err error) error {
	if refused := p.refusal(); refused != nil {
		return refused
	}

	return fmt.Errorf("%s: %w", doing, err)
}

// start runs f on a goroutine that Close waits for. A closed peer runs nothing.
func (p *Peer) start(name string, f func(ctx context.Context)) {
	p.mu.Lock()
	if p.closed.Load() {
		p.mu.Unlock()

		return
	}
	p.readers.Add(1)
	p.mu.Unlock()
	p.options.Go(name, func(context.Context) { f(p.done) }, p.readers.Done)
}
