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
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/peertest"
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
		streams := newDemux(o.Guard)
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
	told = make(chan string, 100)
	ctx := recovery.WithOwner(context.Background(), func(_, stack string) {
		select {
		case told <- stack:
		default:
		}
	})

	return newTestPeerWith(t, Options{Loopback: true, Guard: func(f func()) { recovery.Run(ctx, f) }}), told
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

func TestAPanicAboutAPacketThatIsSentAgainReachesItsOwner(t *testing.T) {
	const ssrc, rtx = 1000, 1001
	client, told := guardedPeer(t)
	parameters := parametersOf(media.Video, "")
	parameters.Extensions = nil
	writer := client.chain.BindLocalStream(parameters.stream(ssrc, rtx), interceptor.RTPWriterFunc(
		func(header *rtp.Header, payload []byte, _ interceptor.Attributes) (int, error) {
			if header.SSRC == rtx {
				deliberatePanic()
			}

			return len(payload), nil
		}))
	header := &rtp.Header{Version: 2, SSRC: ssrc, PayloadType: parameters.PayloadType, SequenceNumber: 1}
	if _, err := writer.Write(header, []byte{1}, nil); err != nil {
		t.Fatal(err)
	}
	nack, err := (&rtcp.TransportLayerNack{MediaSSRC: ssrc, Nacks: rtcp.NackPairsFromSequenceNumbers([]uint16{1})}).Marshal()
	if err != nil {
		t.Fatal(err)
	}
	untilTold(t, told, func() { _, _, _ = client.answering.Read(nack, make(interceptor.Attributes)) })
}
