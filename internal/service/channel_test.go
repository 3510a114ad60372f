package service

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/pion/webrtc/v4"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/wire"
)

// demand is ask for what must not be refused.
func (c *client) demand(handle uint64, method wire.Method, params, result any) {
	c.t.Helper()
	if refused := c.ask(handle, method, params, result); refused != nil {
		c.t.Fatalf("method %v: %v", method, refused)
	}
}

// until waits for the event of a handle that tells of a state.
func (c *client) until(handle uint64, event wire.Event, state string) {
	c.t.Helper()
	for {
		var told wire.State
		if err := json.Unmarshal(c.event(handle, event), &told); err != nil {
			c.t.Fatal(err)
		}
		if told.State == state {
			return
		}
	}
}

// server answers in ICE, and has data channel 1.
func server(t *testing.T) *webrtc.PeerConnection {
	t.Helper()
	settings := webrtc.SettingEngine{}
	settings.SetLite(true)
	settings.SetIncludeLoopbackCandidate(true)
	settings.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4})
	pc, err := webrtc.NewAPI(webrtc.WithSettingEngine(settings)).NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pc.GracefulClose() })
	negotiated, id := true, uint16(1)
	if _, err := pc.CreateDataChannel("x", &webrtc.DataChannelInit{Negotiated: &negotiated, ID: &id}); err != nil {
		t.Fatal(err)
	}
	offer, err := pc.CreateOffer(nil)
	if err != nil {
		t.Fatal(err)
	}
	gathered := webrtc.GatheringCompletePromise(pc)
	if err := pc.SetLocalDescription(offer); err != nil {
		t.Fatal(err)
	}
	<-gathered

	return pc
}

// remote is a server as mediasoup tells of a transport.
func remote(t *testing.T, pc *webrtc.PeerConnection) wire.Remote {
	t.Helper()
	transport := pc.SCTP().Transport()
	parameters, err := transport.ICETransport().GetLocalParameters()
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := transport.GetLocalParameters()
	if err != nil {
		t.Fatal(err)
	}
	r := wire.Remote{
		ICEParameters: wire.ICEParameters{
			UsernameFragment: parameters.UsernameFragment, Password: parameters.Password, ICELite: true,
		},
		Fingerprints: []wire.Fingerprint{wire.Fingerprint(certificate.Fingerprints[0])},
		Role:         "server", SCTP: &wire.SCTP{Port: 5000, MaxMessageSize: 262144},
	}
	for line := range strings.SplitSeq(pc.LocalDescription().SDP, "\r\n") {
		var c wire.ICECandidate
		var component int
		if n, _ := fmt.Sscanf(line, "a=candidate:%s %d %s %d %s %d typ %s",
			&c.Foundation, &component, &c.Protocol, &c.Priority, &c.Address, &c.Port, &c.Type); n == 7 {
			r.ICECandidates = append(r.ICECandidates, c)
		}
	}

	return r
}

// connect joins a peer and a server.
func (c *client) connect(peer uint64, pc *webrtc.PeerConnection) {
	c.t.Helper()
	c.demand(peer, wire.PeerConnect, remote(c.t, pc), nil)
	var own wire.Fingerprints
	c.demand(peer, wire.PeerFingerprints, wire.Empty{}, &own)
	var stats wire.Stats
	c.demand(peer, wire.PeerGetStats, wire.Empty{}, &stats)
	fragment := ""
	for _, e := range stats.Entries {
		if e["type"] == "transport" {
			fragment, _ = e["iceLocalUsernameFragment"].(string)
		}
	}
	// Who only answers needs no password.
	answer := strings.Join([]string{
		"v=0", "o=- 1 1 IN IP4 0.0.0.0", "s=-", "t=0 0", "a=group:BUNDLE 0",
		"a=fingerprint:" + own.Fingerprints[0].Algorithm + " " + own.Fingerprints[0].Value,
		"m=application 7 UDP/DTLS/SCTP webrtc-datachannel", "c=IN IP4 127.0.0.1", "a=mid:0", "a=setup:active",
		"a=ice-ufrag:" + fragment, "a=ice-pwd:of-nobody-who-would-be-asked", "a=sctp-port:5000", "",
	}, "\r\n")
	err := pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer})
	if err != nil {
		c.t.Fatal(err)
	}
}

func (c *client) loopbackPeer(worker uint64) uint64 {
	c.t.Helper()
	var made wire.Handle
	c.demand(worker, wire.WorkerCreatePeer, wire.PeerOptions{Loopback: true}, &made)

	return made.Handle
}

func TestWhatADataChannelRefusesHasItsStatus(t *testing.T) {
	c := open(t)
	worker := c.worker()
	from := c.loopbackPeer(worker)
	var channel wire.Handle
	c.demand(from, wire.PeerCreateDataChannel, wire.ChannelOptions{Label: "x", ID: 1, Ordered: true}, &channel)
	if got := c.env.Send(channel.Handle, false, []byte("early")); got != wire.StatusInvalidState {
		t.Errorf("before it is open: %v", got)
	}
	c.connect(from, server(t))
	c.until(channel.Handle, wire.ChannelState, "open")

	if got := c.env.Send(channel.Handle, false, make([]byte, 1<<20)); got != wire.StatusTooLarge {
		t.Errorf("a message that is too large: %v", got)
	}
	message := make([]byte, 64<<10)
	status := wire.StatusOK
	for range 1 << 14 {
		if status = c.env.Send(channel.Handle, false, message); status != wire.StatusOK {
			break
		}
	}
	if status != wire.StatusBufferFull {
		t.Errorf("a full buffer: %v", status)
	}
	c.demand(channel.Handle, wire.ChannelClose, wire.Empty{}, nil)
	if got := c.env.Send(channel.Handle, false, message); got != wire.StatusInvalidState && got != wire.StatusStaleHandle {
		t.Errorf("after close: %v", got)
	}
}

func TestAThresholdIsInForceForWhatIsSentAfterIt(t *testing.T) {
	c := open(t)
	from := c.loopbackPeer(c.worker())
	var channel wire.Handle
	c.demand(from, wire.PeerCreateDataChannel, wire.ChannelOptions{Label: "x", ID: 1, Ordered: true}, &channel)
	c.connect(from, server(t))
	c.until(channel.Handle, wire.ChannelState, "open")
	set := func(threshold string) {
		c.request++
		body := []byte(`{"bytes":` + threshold + `}`)
		if got := c.env.Call(c.request, channel.Handle, wire.ChannelSetBufferedAmountLowThreshold, body); got != wire.StatusOK {
			t.Fatal(got)
		}
	}
	// So many take longer to be answered than the message to arrive.
	for range 50_000 {
		set("1000000")
	}
	set("1000")
	if got := c.env.Send(channel.Handle, false, make([]byte, 2000)); got != wire.StatusOK {
		t.Fatal(got)
	}
	c.event(channel.Handle, wire.ChannelBufferedAmountLow)
}
