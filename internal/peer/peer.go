// Package peer is the network: one pion peer connection for each transport of
// mediasoup-client, its senders, receivers and data channels.
package peer

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/logging"
	"github.com/pion/webrtc/v4"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// closeLimit is how long Close waits for pion.
const closeLimit = time.Second

// Peer is one peer connection.
type Peer struct {
	options Options
	log     logging.LeveledLogger
	pc      *webrtc.PeerConnection
	counts  *counter
	nacks   *nacks
	side    *sendSide
	shares  shares
	network *network
	done    context.Context //nolint:containedctx // ends with Close
	finish  context.CancelFunc
	closed  atomic.Bool
	readers sync.WaitGroup
	// connected is set once packets can be sent.
	connected atomic.Bool
	// alias makes the candidates of hasten, of which there were aliases.
	hastened atomic.Bool
	alias    atomic.Pointer[func(related int) string]
	aliases  atomic.Uint32

	// begun are streams that began to send.
	begun     chan *outbound
	reporting sync.Once

	lastRoundTrip roundTripTime
	handshakes    handshakes
	// pairChanges counts the pairs that ICE has chosen.
	pairChanges atomic.Uint64
	// maxMessageSize is the remote side's a=max-message-size, in bytes.
	maxMessageSize atomic.Uint64

	mu         sync.Mutex
	iceServers []ICEServer
	remote     map[string]section
	senders    map[*Sender]struct{}
	// left tells when the last sender of a transceiver was stopped, madeFor which track
	// the last one was made for.
	left      map[*webrtc.RTPTransceiver]time.Time
	madeFor   map[*webrtc.RTPTransceiver]string
	receivers map[string]*Receiver
	channels  map[*DataChannel]struct{}
}

// New makes a peer connection that has not begun to connect.
func New(options Options) (*Peer, error) {
	o := options.withDefaults()
	p := &Peer{
		options:   o,
		log:       o.LoggerFactory.NewLogger("peer"),
		remote:    make(map[string]section),
		senders:   make(map[*Sender]struct{}),
		left:      make(map[*webrtc.RTPTransceiver]time.Time),
		madeFor:   make(map[*webrtc.RTPTransceiver]string),
		receivers: make(map[string]*Receiver),
		channels:  make(map[*DataChannel]struct{}),
		counts:    newCounter(),
		begun:     make(chan *outbound, mostBegun),
		side:      newSendSide(),
	}
	p.nacks = newNACKs(p.start, p.roundTrip)
	p.side.start = func(name string, f func(done <-chan struct{})) {
		p.start(name, func(ctx context.Context) { f(ctx.Done()) })
	}
	p.side.changed = func() { p.shareOut(false) }
	p.side.guard = o.Guard
	p.maxMessageSize.Store(defaultMaxMessageSize)
	p.iceServers = o.ICEServers
	o.LoggerFactory = &iceLog{LoggerFactory: o.LoggerFactory, tell: p.gatheringFailed, handshakes: &p.handshakes}
	o.LoggerFactory = guardedLog{o.LoggerFactory, o.Guard}
	var err error
	if o.srtpProfiles, err = srtpProfiles(o.SRTPProfiles); err != nil {
		return nil, err
	}
	o.sayHello = p.handshakes.sayHello
	if p.network, err = newNetwork(o.Go); err != nil {
		return nil, err
	}
	p.network.hasPair = p.hasPair
	p.network.opened = func() { p.start("hastening ICE over TCP", p.lookAtChecks) }
	p.network.setServers(o.ICEServers)
	defer func() {
		if p.pc == nil {
			p.network.close()
		}
	}()
	api, err := newAPI(o, p.network, p.counts, p.side, p.nacks)
	if err != nil {
		return nil, err
	}
	configuration := webrtc.Configuration{
		BundlePolicy:  webrtc.BundlePolicyMaxBundle,
		RTCPMuxPolicy: webrtc.RTCPMuxPolicyRequire,
		ICEServers:    iceServers(o.ICEServers),
	}
	if o.ICETransportPolicy == "relay" {
		configuration.ICETransportPolicy = webrtc.ICETransportPolicyRelay
	}
	if o.GatherEarly {
		// All of mediasoup's media is one bundle, so more than one would be left over.
		configuration.ICECandidatePoolSize = 1
	}
	p.pc, err = api.NewPeerConnection(configuration)
	if err != nil {
		return nil, fmt.Errorf("making a peer connection: %w", err)
	}
	p.pc.SCTP().Transport().ICETransport().OnSelectedCandidatePairChange(
		func(*webrtc.ICECandidatePair) { o.Guard(func() { p.pairChanges.Add(1) }) })
	p.done, p.finish = context.WithCancel(context.Background())
	p.pc.OnConnectionStateChange(func(state webrtc.PeerConnectionState) {
		o.Guard(func() {
			// Close is reported by the caller of Close alone.
			if p.closed.Load() {
				return
			}
			o.Observer.ConnectionState(state.String())
			if state == webrtc.PeerConnectionStateConnected {
				p.connected.Store(true)
				if err := p.startSenders(); err != nil {
					p.log.Errorf("starting to send: %v", err)
				}
			}
		})
	})
	p.pc.OnICEGatheringStateChange(func(state webrtc.ICEGatheringState) {
		o.Guard(func() {
			if state == webrtc.ICEGatheringStateComplete {
				p.network.release()
			}
			if !p.closed.Load() {
				o.Observer.ICEGatheringState(state.String())
			}
		})
	})

	return p, nil
}

// Capabilities is an offer of all that can be sent ("sendonly") or received
// ("recvonly").
func Capabilities(direction string) (string, error) {
	way := webrtc.NewRTPTransceiverDirection(direction)
	if way != webrtc.RTPTransceiverDirectionSendonly && way != webrtc.RTPTransceiverDirectionRecvonly {
		return "", fmt.Errorf("%w: direction %q is neither sendonly nor recvonly", ErrInvalidArgument, direction)
	}
	p, err := New(Options{})
	if err != nil {
		return "", err
	}
	defer p.Close() //nolint:errcheck // nothing was opened
	for _, kind := range []webrtc.RTPCodecType{webrtc.RTPCodecTypeAudio, webrtc.RTPCodecTypeVideo} {
		if _, err := p.pc.AddTransceiverFromKind(kind, webrtc.RTPTransceiverInit{Direction: way}); err != nil {
			return "", fmt.Errorf("adding a transceiver: %w", err)
		}
	}

	return p.CreateOffer(false)
}

// refusal is why nothing can be asked of the peer any more; nil as long as it can.
func (p *Peer) refusal() error {
	switch {
	case p.closed.Load():
		return ErrClosed
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

// CreateOffer makes an offer (RFC 8829 section 5.2).
func (p *Peer) CreateOffer(iceRestart bool) (string, error) {
	if err := p.refusal(); err != nil {
		return "", err
	}
	offer, err := p.pc.CreateOffer(&webrtc.OfferOptions{ICERestart: iceRestart})
	if err != nil {
		return "", p.failed("creating an offer", err)
	}

	return offer.SDP, nil
}

// CreateAnswer makes an answer (RFC 8829 section 5.3).
func (p *Peer) CreateAnswer() (string, error) {
	if err := p.refusal(); err != nil {
		return "", err
	}
	answer, err := p.pc.CreateAnswer(nil)
	if err != nil {
		return "", p.failed("creating an answer", err)
	}

	return answer.SDP, nil
}

// SetLocalDescription applies an offer or an answer of this peer and returns
// the description that is in force.
func (p *Peer) SetLocalDescription(kind, sdp string) (string, error) {
	if err := p.refusal(); err != nil {
		return "", err
	}
	description := webrtc.SessionDescription{Type: webrtc.NewSDPType(kind), SDP: sdp}
	if err := p.pc.SetLocalDescription(description); err != nil {
		return "", p.failed("setting the local "+kind, err)
	}

	return p.pc.LocalDescription().SDP, nil
}

// SetRemoteDescription applies an offer or an answer of the server.
func (p *Peer) SetRemoteDescription(kind, sdp string) error {
	if err := p.refusal(); err != nil {
		return err
	}
	remote, err := parseDescription(sdp)
	if err != nil {
		return err
	}
	if kind == "answer" {
		if err = widenAnswer(remote, p.pc.PendingLocalDescription()); err != nil {
			return err
		}
	}
	candidates := candidatesOf(&remote.parsed)
	p.network.setCandidates(candidates)
	openable(&remote.parsed)
	text, err := remote.marshal()
	if err != nil {
		return err
	}
	for _, s := range p.listSenders() {
		if section, ok := remote.sections[s.Mid()]; ok && s.Mid() != "" {
			if err := s.check(section.codec); err != nil {
				return err
			}
		}
	}
	p.mu.Lock()
	before := p.remote
	p.remote = remote.sections
	p.mu.Unlock()
	if size := remote.maxMessageSize; size > 0 {
		p.maxMessageSize.Store(size)
	}
	err = p.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.NewSDPType(kind), SDP: text})
	if err != nil {
		p.mu.Lock()
		p.remote = before
		p.mu.Unlock()

		return p.failed("setting the remote "+kind, err)
	}
	p.endReceivers(remote.sections)
	p.hasten(candidates)

	return p.startSenders()
}

// answered is the codec that the server chose for a media section.
func (p *Peer) answered(mid string) (media.Codec, webrtc.PayloadType, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s, ok := p.remote[mid]

	return s.codec, s.payloadType, ok && s.codec.MimeType != ""
}

// captureTimeID is the number of abs-capture-time in a media section of the server's.
func (p *Peer) captureTimeID(mid string) uint8 {
	p.mu.Lock()
	defer p.mu.Unlock()

	return p.remote[mid].captureTime
}

// Close ends everything. It may be called twice, and returns within about a second.
func (p *Peer) Close() error {
	p.mu.Lock()
	if p.closed.Swap(true) {
		p.mu.Unlock()

		return nil
	}
	p.finish()
	p.side.close()
	p.network.close()
	senders, receivers, channels := p.senders, p.receivers, p.channels
	p.senders, p.receivers, p.channels = nil, nil, nil
	p.mu.Unlock()
	for channel := range channels {
		channel.abort()
	}
	closed := make(chan error, 1)
	p.options.Go("closing a peer connection", func(context.Context) {
		// An encoder may be waiting for a connection that takes nothing.
		for sender := range senders {
			p.options.Guard(sender.detach)
		}
		err := p.pc.GracefulClose()
		p.readers.Wait()
		p.network.wait()
		p.network.abandon()
		closed <- err
	})
	var err error
	select {
	case err = <-closed:
	case <-time.After(closeLimit):
		err = errors.New("closing takes long: it goes on in the background")
		p.network.abandon()
	}
	for _, receiver := range receivers {
		receiver.end()
	}

	return err
}

// startSenders starts those that wait. Nothing can be sent before the handshake
// is over: the first keyframe would be lost.
func (p *Peer) startSenders() error {
	if !p.connected.Load() {
		return nil
	}
	var errs []error
	for _, s := range p.listSenders() {
		errs = append(errs, s.ready())
	}

	return errors.Join(errs...)
}

func (p *Peer) listSenders() []*Sender {
	p.mu.Lock()
	defer p.mu.Unlock()
	senders := make([]*Sender, 0, len(p.senders))
	for s := range p.senders {
		senders = append(senders, s)
	}

	return senders
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
	p.options.Go(name, func(context.Context) {
		defer p.readers.Done()
		f(p.done)
	})
}
