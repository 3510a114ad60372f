package peer

import (
	"context"
	"math/rand/v2"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/pion/interceptor"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/peertest"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/rtpwire"
)

// newTestPeer is the client: ICE begins at its side.
func newTestPeer(t *testing.T) *Peer {
	t.Helper()

	return newTestPeerWith(t, Options{Loopback: true})
}

// newTestServer stands for a server: it only answers in ICE.
func newTestServer(t *testing.T) *Peer {
	t.Helper()

	return newTestPeerWith(t, Options{Loopback: true, lite: true})
}

func newTestPeerWith(t *testing.T, options Options) *Peer {
	t.Helper()
	p, err := New(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})

	return p
}

// local is this side of a connection as the other is told of it. It has gathered.
func (p *Peer) local(t *testing.T, role string) Remote {
	t.Helper()
	r, err := p.tryLocal(role)
	if err != nil {
		t.Fatal(err)
	}

	return r
}

// tryLocal fails where the peer is closed.
func (p *Peer) tryLocal(role string) (Remote, error) {
	fingerprints, err := p.Fingerprints()
	if err != nil {
		return Remote{}, err
	}
	description := p.pc.LocalDescription()
	if description == nil {
		return Remote{}, ErrInvalidState
	}
	r := Remote{
		ICE: ICEParameters{
			UsernameFragment: lineOf(description.SDP, "ice-ufrag"), Password: lineOf(description.SDP, "ice-pwd"), Lite: p.options.lite,
		},
		Fingerprints: fingerprints, Role: role,
		SCTP: &SCTPParameters{Port: 5000, MaxMessageSize: maxReceiveMessageSize},
	}
	for _, line := range strings.Split(description.SDP, "\r\n") {
		value, ok := strings.CutPrefix(line, "a=candidate:")
		fields := strings.Fields(value)
		if !ok || fields[2] != "udp" {
			continue
		}
		port, _ := strconv.ParseUint(fields[5], 10, 16)
		priority, _ := strconv.ParseUint(fields[3], 10, 32)
		r.Candidates = append(r.Candidates, Candidate{
			Foundation: fields[0], Protocol: fields[2], Address: fields[4], Type: fields[7],
			Port: uint16(port), Priority: uint32(priority), //nolint:gosec // parsed as such
		})
	}

	return r, nil
}

func lineOf(sdp, name string) string {
	_, rest, _ := strings.Cut(sdp, "\r\na="+name+":")
	value, _, _ := strings.Cut(rest, "\r\n")

	return value
}

// offer is the first half of what negotiate does.
func (p *Peer) offer(t *testing.T, restart bool) (channels bool) {
	t.Helper()
	offer, err := p.pc.CreateOffer(&webrtc.OfferOptions{ICERestart: restart})
	if err != nil {
		t.Fatal(err)
	}
	gathered := webrtc.GatheringCompletePromise(p.pc)
	if err = p.pc.SetLocalDescription(offer); err != nil {
		t.Fatal(err)
	}
	<-gathered

	return strings.Contains(offer.SDP, "m=application")
}

// connect joins a client and a server.
func connect(t *testing.T, a, b *Peer) {
	t.Helper()
	channels := b.offer(t, false)
	if err := a.Connect(b.local(t, "server")); err != nil {
		t.Fatal(err)
	}
	if err := b.accept(a.local(t, "client"), channels); err != nil {
		t.Fatal(err)
	}
}

// restart begins ICE anew between them.
func restart(t *testing.T, a, b *Peer) {
	t.Helper()
	// A server stays where it is.
	b.network.Keep()
	channels := b.offer(t, true)
	if err := a.RestartICE(b.local(t, "server").ICE); err != nil {
		t.Fatal(err)
	}
	if err := b.accept(a.local(t, "client"), channels); err != nil {
		t.Fatal(err)
	}
}

// parametersOf are those of a track in the first codec of its kind that is among
// preferred payload types, or the first of all.
func parametersOf(kind media.Kind, mid string, preferred ...uint8) Parameters {
	capabilities, _ := NewCapabilities("sendonly")
	p := Parameters{Mid: mid}
	for i, c := range capabilities.Codecs {
		isPreferred := slices.Contains(preferred, c.PayloadType)
		if c.Kind != kind || c.MimeType == webrtc.MimeTypeRTX || p.Codec.MimeType != "" && !isPreferred {
			continue
		}
		p.Codec, p.PayloadType, p.Feedback = c.Codec, c.PayloadType, c.Feedback
		if kind == media.Video {
			p.RTXPayloadType = capabilities.Codecs[i+1].PayloadType
		}
		if isPreferred {
			break
		}
	}
	for _, e := range capabilities.Extensions {
		if e.URI != rtpwire.AbsCaptureTimeURI && e.Kind == kind {
			p.Extensions = append(p.Extensions, interceptor.RTPHeaderExtension{URI: e.URI, ID: int(e.ID)})
		}
	}

	return p
}

// send begins to send a track of a, which b receives.
func send(t *testing.T, s *Sender, b *Peer, preferred ...uint8) *Receiver {
	t.Helper()
	parameters := parametersOf(s.kind, strconv.FormatUint(s.number, 10), preferred...)
	r, err := b.AddReceiver(ReceiverOptions{Parameters: parameters, Kind: s.kind, Stream: s.Streams()[0]})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Send(parameters); err != nil {
		t.Fatal(err)
	}

	return r
}

// negotiate connects a and b, and has b receive what a sends.
func negotiate(t *testing.T, a, b *Peer, preferred ...uint8) {
	t.Helper()
	if a.remote == nil {
		connect(t, a, b)
	}
	for _, s := range a.listSenders() {
		if s.Mid() == "" {
			send(t, s, b, preferred...)
		}
	}
}

// receiverOf is what b receives as mid.
func receiverOf(t *testing.T, b *Peer, mid string) *Receiver {
	t.Helper()
	for _, r := range b.listReceivers() {
		if r.Mid() == mid {
			return r
		}
	}
	t.Fatalf("nothing is received as %q", mid)

	return nil
}

// receive attaches a collector to what b receives as mid.
func receive(t *testing.T, b *Peer, mid string) (*Receiver, *collector, media.Feed) {
	t.Helper()
	r := receiverOf(t, b, mid)
	c := &collector{}
	feed, err := r.Track().Attach(r.Track().Codec(), media.EncodingSettings{}, c)
	if err != nil {
		t.Fatal(err)
	}

	return r, c, feed
}

// untilConnected waits for both.
func untilConnected(t *testing.T, peers ...*Peer) {
	t.Helper()
	eventually(t, "connected", func() bool {
		return !slices.ContainsFunc(peers, func(p *Peer) bool {
			return p.pc.ConnectionState() != webrtc.PeerConnectionStateConnected
		})
	})
}

func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	peertest.Eventually(t, what, condition)
}

// heapSize is what is in use.
func heapSize() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)

	return int64(m.HeapAlloc) //nolint:gosec // below 2^63
}

// keepDoing does each of fs again and again, on a goroutine of its own, until stop is called.
func keepDoing(fs ...func()) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var doing sync.WaitGroup
	for _, f := range fs {
		doing.Go(func() {
			for ctx.Err() == nil {
				f()
			}
		})
	}

	return func() {
		cancel()
		doing.Wait()
	}
}

// writeStray sends a packet of a stream that nobody knows.
func (p *Peer) writeStray() {
	_, _ = p.gate.WriteRTP(&rtp.Header{Version: 2, SSRC: rand.Uint32(), PayloadType: 100}, make([]byte, 20))
}
