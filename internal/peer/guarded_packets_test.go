package peer

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/transport/v5/packetio"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/packetize"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/peertest"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/sending"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/recovery"
)

func TestAPanicAboutAPacketReachesItsOwnerAndHoldsNoLock(t *testing.T) {
	const ssrc = 7
	fails := func([]byte, time.Time) { panic("deliberate") }
	for name, c := range map[string]struct {
		kind    packetio.BufferPacketType
		prepare func(streams *demux)
	}{
		"RTP":     {packetio.RTPBufferPacket, func(streams *demux) { streams.take(ssrc, fails, nil) }},
		"RTCP":    {packetio.RTCPBufferPacket, func(streams *demux) { streams.take(ssrc, nil, fails) }},
		"a stray": {packetio.RTPBufferPacket, func(streams *demux) { streams.takeStrays(fails) }},
	} {
		o := peertest.NewOwner()
		streams := newDemux(o.Context, newStrangers(nil), func() bool { return false })
		streams.feedback = func([]byte, uint32, time.Time) bool { return false }
		c.prepare(streams)
		if _, err := streams.end(c.kind, ssrc).Write(make([]byte, 20)); !errors.Is(err, recovery.ErrPanic) {
			t.Errorf("%s: got %v", name, err)
		}
		o.Wants(t, name, "guarded_packets_test.go")
		if !streams.mu.TryLock() {
			t.Errorf("%s: a lock is held", name)
		}
	}
}

// guardedPeer is a client whose panics are told of, wherever they were.
func guardedPeer(t *testing.T) (client *Peer, told chan string) {
	t.Helper()
	ctx, told := toldOfPanics()

	return newTestPeerWith(t, Options{Loopback: true, Owner: ctx}), told
}

// toldOfPanics is a context whose panics are told of, with their stacks.
func toldOfPanics() (ctx context.Context, told chan string) {
	told = make(chan string, 100)

	return recovery.WithOwner(context.Background(), func(message, stack string) {
		select {
		case told <- message + "\n" + stack:
		default:
		}
	}), told
}

func deliberatePanic() { panic("deliberate") }

// untilTold does something until a panic was told of.
func untilTold(t *testing.T, told chan string, do func()) {
	t.Helper()
	eventually(t, "a panic that is told of", func() bool {
		do()

		return len(told) > 0
	})
	if stack := <-told; !strings.Contains(stack, "deliberatePanic") {
		t.Errorf("told of another panic:\n%s", stack)
	}
}

// Each of these is on a goroutine of pion's: unguarded, the process of the test ends.
func TestAPanicAboutWhatAConnectionReceivesReachesItsOwner(t *testing.T) {
	const ssrc, stray = 1000, 3000
	client, told := guardedPeer(t)
	server := newTestServer(t)
	connect(t, client, server)
	untilConnected(t, client, server)
	client.streams.takeStrays(func([]byte, time.Time) { deliberatePanic() })
	r := receiverOn(t, client, media.Audio, ssrc)
	payloadType := r.options.PayloadType
	untilTold(t, told, func() { writeRTP(t, server, stray, payloadType, 1, []byte{1}) })

	client.streams.take(ssrc, nil, func([]byte, time.Time) { deliberatePanic() })
	untilTold(t, told, func() { _ = server.writeRTCP(&rtcp.SenderReport{SSRC: ssrc}) })

	// An interceptor.
	seen := client.chain.BindRemoteStream(r.options.stream(ssrc, 0), interceptor.RTPReaderFunc(
		func([]byte, interceptor.Attributes) (int, interceptor.Attributes, error) {
			deliberatePanic()

			return 0, nil, nil
		}))
	client.streams.take(ssrc, func(packet []byte, _ time.Time) { _, _, _ = seen.Read(packet, nil) }, nil)
	untilTold(t, told, func() { writeRTP(t, server, ssrc, payloadType, 1, []byte{1}) })
}

// panickingWay lets packets leave, but not again.
type panickingWay struct {
	sending.Bursts
	rtx uint32
}

func (w panickingWay) WriteRTP(header *rtp.Header, payload []byte) (int, error) {
	if header.SSRC == w.rtx {
		deliberatePanic()
	}

	return len(payload), nil
}

func TestAPanicAboutAPacketThatIsSentAgainReachesItsOwner(t *testing.T) {
	told := make(chan string, 100)
	ctx := recovery.WithOwner(context.Background(), func(_, stack string) {
		select {
		case told <- stack:
		default:
		}
	})
	client := newTestPeerWith(t, Options{Owner: ctx})
	sender, err := client.AddSender(SenderOptions{Kind: media.Video})
	if err != nil {
		t.Fatal(err)
	}
	parameters := parametersOf(media.Video, "")
	packetizer, err := packetize.New(parameters.Codec)
	if err != nil {
		t.Fatal(err)
	}
	layer := sender.layers[0]
	info := parameters.stream(layer.ears.ssrc, layer.ears.rtx)
	client.side.Open(panickingWay{client.gate, info.SSRCRetransmission})
	layer.out.Bind(info, "", packetizer, client.side)
	layer.out.WriteFrame(&media.EncodedFrame{Data: []byte{0x10, 2, 3}, Keyframe: true})
	first := layer.out.Counts().First
	nack, err := (&rtcp.TransportLayerNack{MediaSSRC: info.SSRC, Nacks: rtcp.NackPairsFromSequenceNumbers([]uint16{first})}).Marshal()
	if err != nil {
		t.Fatal(err)
	}
	untilTold(t, told, func() { layer.takeRTCP(nack, time.Now()) })
	// The lock is not held.
	client.side.Waiting()
}
