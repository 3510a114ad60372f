package peer

import (
	"context"
	"sync"

	"github.com/pion/webrtc/v4"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/recovery"
)

// connectionState is W3C's RTCPeerConnectionState, made of the states of ICE and DTLS as these change. pion makes it too,
// and has a goroutine for each change tell of it: which of two comes last is chance.
type connectionState struct {
	mu     sync.Mutex
	ice    webrtc.ICETransportState
	dtls   webrtc.DTLSTransportState
	closed bool
	// secured says that DTLS was up.
	secured bool
	told    webrtc.PeerConnectionState
}

func newConnectionState() *connectionState {
	return &connectionState{
		ice: webrtc.ICETransportStateNew, dtls: webrtc.DTLSTransportStateNew, told: webrtc.PeerConnectionStateNew,
	}
}

// change sets what the state is made of. Where that changes the state, tell is called with it, one at a time.
func (c *connectionState) change(set func(), tell func(webrtc.PeerConnectionState)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	set()
	if state := c.state(); state != c.told {
		c.told = state
		tell(state)
	}
}

func (c *connectionState) setDTLS(state webrtc.DTLSTransportState) {
	c.dtls = state
	c.secured = c.secured || state == webrtc.DTLSTransportStateConnected
}

// end is of the whole: on purpose, by the other side, or because DTLS never came up.
func (c *connectionState) end(onPurpose bool) {
	if onPurpose || c.secured {
		c.closed = true
	} else {
		c.dtls = webrtc.DTLSTransportStateFailed
	}
}

// current is the state that was told last.
func (c *connectionState) current() webrtc.PeerConnectionState {
	c.mu.Lock()
	defer c.mu.Unlock()

	return c.told
}

// state follows the table of W3C's WebRTC, section 4.3.3. What closes beneath closes with the whole, which says so itself.
func (c *connectionState) state() webrtc.PeerConnectionState {
	switch {
	case c.closed:
		return webrtc.PeerConnectionStateClosed
	case c.dtls == webrtc.DTLSTransportStateFailed:
		return webrtc.PeerConnectionStateFailed
	case c.ice == webrtc.ICETransportStateClosed, c.dtls == webrtc.DTLSTransportStateClosed:
		return c.told
	case c.ice == webrtc.ICETransportStateFailed:
		return webrtc.PeerConnectionStateFailed
	case c.ice == webrtc.ICETransportStateDisconnected:
		return webrtc.PeerConnectionStateDisconnected
	case c.ice == webrtc.ICETransportStateNew && c.dtls == webrtc.DTLSTransportStateNew:
		return webrtc.PeerConnectionStateNew
	case c.ice == webrtc.ICETransportStateNew, c.ice == webrtc.ICETransportStateChecking,
		c.dtls == webrtc.DTLSTransportStateNew, c.dtls == webrtc.DTLSTransportStateConnecting:
		return webrtc.PeerConnectionStateConnecting
	default:
		return webrtc.PeerConnectionStateConnected
	}
}

// watchConnection has changes of the connection's state told.
func (p *Peer) watchConnection() {
	p.ice.OnConnectionStateChange(func(state webrtc.ICETransportState) {
		recovery.Run(p.options.Owner, "a state of ICE", func() {
			p.connection.change(func() { p.connection.ice = state }, p.connectionChanged)
		})
	})
	p.dtls.OnStateChange(func(state webrtc.DTLSTransportState) {
		recovery.Run(p.options.Owner, "a state of DTLS", func() {
			p.connection.change(func() { p.connection.setDTLS(state) }, p.connectionChanged)
		})
	})
	// The other side's close_notify closes the whole. So does pion, now and then, with a handshake that fails.
	p.pc.OnConnectionStateChange(func(state webrtc.PeerConnectionState) {
		recovery.Run(p.options.Owner, "a connection's end", func() {
			if state == webrtc.PeerConnectionStateClosed {
				p.connection.change(func() { p.connection.end(p.closed.Load()) }, p.connectionChanged)
			}
		})
	})
}

// followWay notes whether there is a way to the server: none once it has failed, nor while ICE looks for another than one on
// which nothing came, until one is found.
func (p *Peer) followWay(state webrtc.PeerConnectionState) {
	switch state {
	case webrtc.PeerConnectionStateConnected:
		p.unheard = false
		p.side.SetDown(false)
	case webrtc.PeerConnectionStateDisconnected:
		p.unheard = true
	case webrtc.PeerConnectionStateFailed:
		p.unheard = true
		p.side.SetDown(true)
	case webrtc.PeerConnectionStateConnecting:
		p.side.SetDown(p.unheard)
	default:
	}
}

// connectionChanged tells of it, and is called with locks of pion's held: what takes others goes on elsewhere.
func (p *Peer) connectionChanged(state webrtc.PeerConnectionState) {
	p.changed()
	// Close is reported by the caller of Close alone.
	if p.closed.Load() {
		return
	}
	p.options.Observer.ConnectionState(state.String())
	p.followWay(state)
	switch state {
	case webrtc.PeerConnectionStateConnected:
		p.start("what has waited for the connection", func(context.Context) {
			if !p.untilFlowing() {
				return
			}
			p.connected.Store(true)
			if err := p.startStreams(); err != nil {
				p.log.Errorf("starting to send: %v", err)
			}
		})
	case webrtc.PeerConnectionStateClosed:
		// By the other side: nothing comes any more.
		p.start("what ends with the connection", func(context.Context) {
			for _, r := range p.listReceivers() {
				r.end()
			}
			p.endUnopened(nil)
		})
	default:
	}
}
