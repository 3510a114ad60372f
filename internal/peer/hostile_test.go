package peer

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/sctp"
	"github.com/pion/webrtc/v4"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/hostiletest"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/packetize/packetizetest"
)

// besieged is a client of a hostile server, with a stream of each codec that is read, media that it sends, and channels.
type besieged struct {
	*Peer
	server   *hostiletest.Server
	streams  []*hostiletest.Stream
	ssrcs    []uint32
	sound    *fakeTrack
	picture  *fakeTrack
	channels []*channelEvents
	told     chan string
}

func besiege(t *testing.T, channels int) *besieged {
	t.Helper()
	b := &besieged{}
	var ctx context.Context
	ctx, b.told = toldOfPanics()
	b.Peer = newTestPeerWith(t, Options{
		Loopback: true,
		Owner:    ctx,
	})
	var err error
	if b.server, err = hostiletest.New(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.server.Close() })
	b.receiveAll(t)
	b.sound, b.picture = newFakeTrack(media.Audio), newFakeTrack(media.Video)
	for _, track := range []*fakeTrack{b.sound, b.picture} {
		s := add(t, b.Peer, track)
		if err := s.Send(parametersOf(track.kind, "s"+track.kind.String())); err != nil {
			t.Fatal(err)
		}
		b.ssrcs = append(b.ssrcs, s.Streams()[0].SSRC)
	}
	for id := range channels {
		events := &channelEvents{}
		b.channels = append(b.channels, events)
		if _, err := b.CreateDataChannel(ChannelOptions{ID: uint16(id), Ordered: true}, events); err != nil {
			t.Fatal(err)
		}
	}
	b.join(t)

	return b
}

// receiveAll reads a stream of each codec.
func (b *besieged) receiveAll(t *testing.T) {
	t.Helper()
	capabilities, err := NewCapabilities("recvonly")
	if err != nil {
		t.Fatal(err)
	}
	seen := make(map[string]bool)
	for i, c := range capabilities.Codecs {
		parameters := parametersOf(c.Kind, fmt.Sprint(i), c.PayloadType)
		if seen[c.MimeType] || parameters.PayloadType != c.PayloadType {
			continue
		}
		seen[c.MimeType] = true
		s := &hostiletest.Stream{SSRC: 1000 + 10*uint32(i), PayloadType: c.PayloadType, RTXPayloadType: parameters.RTXPayloadType}
		if c.Kind == media.Video {
			s.RTX = s.SSRC + 1
		}
		r, err := b.AddReceiver(ReceiverOptions{Parameters: parameters, Kind: c.Kind, Stream: Stream{SSRC: s.SSRC, RTX: s.RTX}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err = r.Track().Attach(r.Track().Codec(), media.EncodingSettings{}, discard{}); err != nil {
			t.Fatal(err)
		}
		b.streams, b.ssrcs = append(b.streams, s), append(b.ssrcs, s.SSRC)
	}
}

// discard reads frames, and keeps none.
type discard struct{}

func (discard) WriteFrame(*media.EncodedFrame) {}

// meet connects the two, up to DTLS.
func meet(t *testing.T, client *Peer, server *hostiletest.Server) {
	t.Helper()
	remote, err := server.Remote()
	if err != nil {
		t.Fatal(err)
	}
	if err := client.Connect(remote); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), testLimit)
	defer cancel()
	if err := server.Accept(ctx, client.localFragment(), attributeOf(client.pc.LocalDescription().SDP, "ice-pwd")); err != nil {
		t.Fatal(err)
	}
}

// join connects the two.
func (b *besieged) join(t *testing.T) {
	t.Helper()
	meet(t, b.Peer, b.server)
	if len(b.channels) > 0 {
		if err := b.server.AcceptSCTP(); err != nil {
			t.Fatal(err)
		}
		for _, events := range b.channels {
			eventually(t, "an open channel", func() bool { return events.state() == ChannelOpen })
		}
	}
	untilConnected(t, b.Peer)
}

// attack writes n times. It waits for the client now and then: what does not fit into its socket attacks nobody.
func (b *besieged) attack(t *testing.T, n int, write func(i int)) {
	t.Helper()
	const burst = 100
	for i := range n {
		write(i)
		if i%burst != burst-1 {
			continue
		}
		last, deadline := uint64(0), time.Now().Add(testLimit)
		for now := b.Traffic().PacketsReceived; now != last && time.Now().Before(deadline); now = b.Traffic().PacketsReceived {
			last = now
			time.Sleep(time.Millisecond)
		}
	}
}

// goesOn checks that media goes both ways, and that nothing panicked.
func (b *besieged) goesOn(t *testing.T, after string) {
	t.Helper()
	if !b.goesOnOrEnds(t) {
		t.Fatalf("after %s: %v", after, b.refusal())
	}
}

// goesOnOrEnds is false of a connection that has ended.
func (b *besieged) goesOnOrEnds(t *testing.T) bool {
	t.Helper()
	select {
	case told := <-b.told:
		t.Fatal(told)
	default:
	}
	b.mu.Lock()
	ssrc := uint32(50_000 + b.made)
	b.mu.Unlock()
	parameters := parametersOf(media.Audio, "good")
	r, err := b.AddReceiver(ReceiverOptions{Parameters: parameters, Kind: media.Audio, Stream: Stream{SSRC: ssrc}})
	if errors.Is(err, ErrClosed) {
		return false
	}
	if err != nil {
		t.Fatal(err)
	}
	defer r.Stop()
	frames := &collector{}
	if _, err := r.Track().Attach(r.Track().Codec(), media.EncodingSettings{}, frames); err != nil {
		t.Fatal(err)
	}
	sequence, sent := uint16(0), b.server.Received()
	pictures := packetizetest.VP8Frames(1, 4000)
	eventually(t, "good media, or an end", func() bool {
		sequence++
		packet, _ := (&rtp.Packet{
			Header:  rtp.Header{Version: 2, SSRC: ssrc, PayloadType: parameters.PayloadType, SequenceNumber: sequence, Timestamp: 960 * uint32(sequence)},
			Payload: []byte{0x78, 1, 2, 3},
		}).Marshal()
		b.server.WriteRTP(packet)
		b.picture.write(pictures[0])
		b.sound.write(&media.EncodedFrame{Data: []byte{0x78, 1}, PTS: time.Duration(sequence) * 20 * time.Millisecond, Keyframe: true})

		return b.refusal() != nil || frames.len() > 3 && b.server.Received() > sent+3
	})

	return b.refusal() == nil && len(b.Stats()) > 0
}

// Of 10,000 malformed and extreme packets each kind is followed by good media, and nothing is left of them.
func TestAHostileServerDoesNoHarmOverAnEstablishedConnection(t *testing.T) {
	const channels = 8
	b := besiege(t, channels)
	r := hostiletest.NewRandom(1)
	b.goesOn(t, "the beginning")
	size := heapSize()

	var streams []*sctp.Stream
	for id := range uint16(channels + 40) {
		s, err := b.server.Open(id)
		if err != nil {
			t.Fatal(err)
		}
		streams = append(streams, s)
	}
	for _, kind := range []struct {
		name  string
		times int
		write func(i int)
	}{
		{"RTP", 4000, func(int) { b.server.WriteRTP(r.RTP(b.streams)) }},
		{"RTCP", 2500, func(int) { b.server.WriteRTCP(r.RTCP(b.ssrcs)) }},
		{"RTP of SSRCs that nobody knows", 1000, func(i int) {
			b.server.WriteRTP(r.RTP([]*hostiletest.Stream{{SSRC: 1 << 20 * uint32(i+1), PayloadType: uint8(i % 128)}})) //nolint:gosec // seven bits
		}},
		{"what DTLS carries", 1000, func(int) { b.server.WriteRecord(r.Bytes(1 + r.IntN(1000))) }},
		{"what is not encrypted", 1000, func(int) { b.server.Write(r.Bytes(1 + r.IntN(1000))) }},
		{"messages", 500, func(int) {
			message, payload := r.Message()
			_, _ = streams[r.IntN(len(streams))].WriteSCTP(message, payload)
		}},
	} {
		b.attack(t, kind.times, kind.write)
		b.goesOn(t, kind.name)
	}
	grown := heapSize() - size
	t.Logf("%d KB more are in use", grown>>10)
	if grown > 16<<20 {
		t.Errorf("%d KB more are in use after 10,000 packets", grown>>10)
	}
	if err := b.Close(); err != nil {
		t.Error(err)
	}
}

// pion ends a connection with its SCTP. What ends it is the server's own loss: each time it is over at once, and another is as before.
func TestChunksOfSCTPOfAHostileServerEndNoMoreThanItsConnection(t *testing.T) {
	const chunks, mostConnections = 1000, 40
	r := hostiletest.NewRandom(2)
	other := besiege(t, 0)
	sent, ended := 0, 0
	for sent < chunks && ended < mostConnections {
		b := besiege(t, 2)
		for sent < chunks && b.refusal() == nil {
			b.attack(t, 20, func(int) { b.server.WriteSCTP(r.Chunks()) })
			sent += 20
		}
		if !b.goesOnOrEnds(t) {
			ended++
			for _, events := range b.channels {
				eventually(t, "a closed channel", func() bool { return events.state() == ChannelClosed })
			}
		}
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	}
	other.goesOn(t, "the ends of others")
	t.Logf("%d chunks ended %d connections", sent, ended)
}

func TestAnAbortOfSCTPEndsItsConnectionAlone(t *testing.T) {
	b, other := besiege(t, 2), besiege(t, 1)
	const abort = 6
	b.server.WriteSCTP([]byte{abort, 0, 0, 4})
	for _, events := range b.channels {
		eventually(t, "a closed channel", func() bool { return events.state() == ChannelClosed })
	}
	eventually(t, "the end", func() bool { return b.pc.ConnectionState() == webrtc.PeerConnectionStateClosed })
	if err := b.refusal(); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
	if err := b.Close(); err != nil {
		t.Error(err)
	}
	other.goesOn(t, "the end of another")
}

func TestAServerThatSendsMoreThanAnybodyHasAskedForIsLeft(t *testing.T) {
	other := besiege(t, 0)
	for name, flood := range map[string]struct {
		most  int
		write func(b *besieged, i int)
	}{
		"SSRCs of RTP": {mostStrangeSSRCs, func(b *besieged, i int) {
			packet, _ := (&rtp.Packet{Header: rtp.Header{Version: 2, SSRC: 1<<24 + uint32(i)}, Payload: []byte{1}}).Marshal() //nolint:gosec // few
			b.server.WriteRTP(packet)
		}},
		"SSRCs of RTCP": {mostStrangeSSRCs, func(b *besieged, i int) {
			packet, _ := (&rtcp.PictureLossIndication{MediaSSRC: 1<<24 + uint32(i)}).Marshal() //nolint:gosec // few
			b.server.WriteRTCP(packet)
		}},
		"data channels": {mostStrangeChannels, func(b *besieged, i int) {
			if stream, err := b.server.Open(uint16(100 + i)); err == nil { //nolint:gosec // few
				_, _ = stream.WriteSCTP([]byte{3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, sctp.PayloadTypeWebRTCDCEP)
			}
		}},
		"addresses": {mostStrangeAddresses, func(b *besieged, _ int) { _ = b.server.Ask() }},
	} {
		t.Run(name, func(t *testing.T) {
			b := besiege(t, 1)
			size, sent := heapSize(), 0
			// At most as many are taken.
			b.attack(t, flood.most/2, func(int) { flood.write(b, sent); sent++ })
			b.goesOn(t, fmt.Sprintf("%d %s", sent, name))
			t.Logf("%d bytes for each", (heapSize()-size)/int64(sent))
			deadline := time.Now().Add(3 * testLimit)
			for b.refusal() == nil && time.Now().Before(deadline) {
				b.attack(t, flood.most/4, func(int) { flood.write(b, sent); sent++ })
			}
			if err := b.refusal(); !errors.Is(err, errFlooded) {
				t.Fatalf("after %d: %v", sent, err)
			}
			// The connection has had strangers before the flood, which count too.
			if sent < flood.most-100 {
				t.Errorf("it is left after %d", sent)
			}
			eventually(t, "the end", func() bool { return b.pc.ConnectionState() == webrtc.PeerConnectionStateClosed })
			if _, err := b.AddReceiver(ReceiverOptions{}); !errors.Is(err, ErrClosed) {
				t.Errorf("a receiver of it: %v", err)
			}
			if err := b.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	other.goesOn(t, "the ends of others")
}

// Streams that are asked for are no strangers, however many there were, whether they came before or after.
func TestStreamsThatAreAskedForAreNoStrangers(t *testing.T) {
	var told []string
	s := newStrangers(func(what string) { told = append(told, what) })
	for ssrc := range uint32(3 * mostStrangeSSRCs) {
		s.ssrc(ssrc)
		s.known(ssrc)
		// The server goes on for a moment after it is closed.
		s.ssrc(ssrc)
	}
	if len(told) > 0 || len(s.ssrcs) > 0 {
		t.Fatalf("%v, and %d are strange", told, len(s.ssrcs))
	}
	for i := range uint32(mostStrangeSSRCs + 10) {
		s.ssrc(3*mostStrangeSSRCs + i)
	}
	if len(told) != 1 {
		t.Errorf("told of %v", told)
	}
}

// Audio has no RTX, which is SSRC 0 there. A packet of that SSRC is strange all the same.
func TestNoStreamIsNotAskedFor(t *testing.T) {
	d := newDemux(t.Context(), newStrangers(nil), nil)
	d.reserve(1, 0)
	d.count(1, 1, 0)
	if d.isStrange(1) || !d.isStrange(0) || len(d.open) != 1 || len(d.strangers.asked) != 1 {
		t.Errorf("%v are open, %v asked for", d.open, d.strangers.asked)
	}
	d.count(-1, 1, 0)
	if !d.isStrange(1) || len(d.open) > 0 {
		t.Errorf("%v are open", d.open)
	}
}
