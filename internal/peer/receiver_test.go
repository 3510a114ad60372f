package peer

import (
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/rtpwire"
)

// linked are a client that receives what a server writes, by hand.
func linked(t *testing.T) (client, server *Peer) {
	t.Helper()
	client, server = newTestPeer(t), newTestServer(t)
	connect(t, client, server)
	untilConnected(t, client, server)

	return client, server
}

// receiverOn receives the next stream of a kind.
func receiverOn(t *testing.T, p *Peer, kind media.Kind, ssrc uint32) *Receiver {
	t.Helper()
	options := ReceiverOptions{Parameters: parametersOf(kind, ""), Kind: kind, Stream: Stream{SSRC: ssrc}}
	if kind == media.Video {
		options.Stream.RTX = ssrc + 1
	}
	r, err := p.AddReceiver(options)
	if err != nil {
		t.Fatal(err)
	}

	return r
}

// writeRTP has a server send a packet.
func writeRTP(t *testing.T, server *Peer, ssrc uint32, payloadType uint8, sequence uint16, payload []byte) {
	t.Helper()
	header := &rtp.Header{Version: 2, SSRC: ssrc, PayloadType: payloadType, SequenceNumber: sequence}
	if _, err := server.gate.WriteRTP(header, payload); err != nil {
		t.Fatal(err)
	}
}

func (r *Receiver) packets() uint64 { return r.arrivals.Read(time.Now()).Packets }

// reported collects the reception reports that a server gets of SSRCs.
func reported(server *Peer, ssrcs ...uint32) func() [][]rtcp.ReceptionReport {
	var mu sync.Mutex
	var reports [][]rtcp.ReceptionReport
	for _, ssrc := range ssrcs {
		server.streams.take(ssrc, nil, func(packet []byte, _ time.Time) {
			packets, _ := rtcp.Unmarshal(packet)
			mu.Lock()
			defer mu.Unlock()
			for _, packet := range packets {
				if report, ok := packet.(*rtcp.ReceiverReport); ok {
					reports = append(reports, report.Reports)
				}
			}
		})
	}

	return func() [][]rtcp.ReceptionReport {
		mu.Lock()
		defer mu.Unlock()

		return slices.Clone(reports)
	}
}

func TestReportsNameStreamsThatCameInPacketsOfThirtyOne(t *testing.T) {
	client, server := linked(t)
	const came, silent = 40, 10
	var receivers []*Receiver
	var ssrcs []uint32
	for i := range uint32(came + silent) {
		receivers = append(receivers, receiverOn(t, client, media.Audio, 1000+i))
		ssrcs = append(ssrcs, 1000+i)
	}
	reports := reported(server, ssrcs...)
	for i, r := range receivers[:came] {
		eventually(t, "a packet", func() bool {
			writeRTP(t, server, ssrcs[i], r.options.PayloadType, 7, []byte{1})

			return r.packets() > 0
		})
	}
	named := make(map[uint32]bool)
	eventually(t, "reports of all that came", func() bool {
		for _, blocks := range reports() {
			if len(blocks) > 31 {
				t.Fatalf("%d blocks in one packet", len(blocks))
			}
			for _, block := range blocks {
				named[block.SSRC] = true
			}
		}

		return len(named) >= came
	})
	for _, ssrc := range ssrcs[came:] {
		if named[ssrc] {
			t.Errorf("SSRC %d is named, of which nothing came", ssrc)
		}
	}
}

func TestRetransmissionsAreTakenForWhatTheyWere(t *testing.T) {
	client, server := linked(t)
	r := receiverOn(t, client, media.Video, 1000)
	c := &collector{}
	if _, err := r.Track().Attach(r.Track().Codec(), media.EncodingSettings{}, c); err != nil {
		t.Fatal(err)
	}
	// Frames of VP8 in a packet each; the second comes as a retransmission.
	frame := func(sequence uint16) []byte { return []byte{0x10, 0, 0, 0, 1, 2, 3, byte(sequence)} }
	sequence := uint16(0)
	eventually(t, "frames around the one that was sent again", func() bool {
		for range 3 {
			sequence++
			payload := frame(sequence)
			if sequence%3 == 2 {
				again := append([]byte{byte(sequence >> 8), byte(sequence)}, payload...)
				header := &rtp.Header{
					Version: 2, SSRC: 1001, PayloadType: r.options.RTXPayloadType, SequenceNumber: sequence + 500, Marker: true,
					Timestamp: 3000 * uint32(sequence),
				}
				if _, err := server.gate.WriteRTP(header, again); err != nil {
					t.Fatal(err)
				}

				continue
			}
			header := &rtp.Header{
				Version: 2, SSRC: 1000, PayloadType: r.options.PayloadType, SequenceNumber: sequence, Marker: true,
				Timestamp: 3000 * uint32(sequence),
			}
			if _, err := server.gate.WriteRTP(header, payload); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(time.Millisecond)

		return c.len() > 8
	})
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, f := range c.frames[1:] {
		if before := c.frames[i].Data[6]; f.Data[6] != before+1 {
			t.Fatalf("frame %d follows %d", f.Data[6], before)
		}
	}
	if got := r.arrivals.Read(time.Now()); got.Again.Packets == 0 || got.Lost != 0 {
		t.Errorf("counted %+v", got)
	}
}

func TestPacketsThatNobodyWaitsForAreAcknowledged(t *testing.T) {
	client, server := linked(t)
	r := receiverOn(t, client, media.Video, 1000)
	id := r.options.extension(rtpwire.TransportWideCCURI)
	var acknowledged sync.Map
	server.streams.feedback = func(packet []byte, _ uint32, _ time.Time) bool {
		feedback := &rtcp.TransportLayerCC{}
		if feedback.Unmarshal(packet) == nil {
			for i := range feedback.PacketStatusCount {
				acknowledged.Store(feedback.BaseSequenceNumber+i, true)
			}
		}

		return true
	}
	sequence := uint16(0)
	eventually(t, "feedback", func() bool {
		header := &rtp.Header{Version: 2, SSRC: 1234, PayloadType: 127, SequenceNumber: sequence}
		if err := header.SetExtension(id, []byte{byte(sequence >> 8), byte(sequence)}); err != nil {
			t.Fatal(err)
		}
		if _, err := server.gate.WriteRTP(header, make([]byte, 100)); err != nil {
			t.Fatal(err)
		}
		sequence++
		// Far more than pion looks at of a stream that it does not know.
		_, ok := acknowledged.Load(uint16(50))

		return ok
	})
}

func TestStreamsGoOnAfterARestart(t *testing.T) {
	client, server := linked(t)
	sound := newFakeTrack(media.Audio)
	sender := add(t, client, sound)
	there := send(t, sender, server)
	here := receiverOn(t, client, media.Audio, 1000)
	pts := time.Duration(0)
	exchange := func() {
		t.Helper()
		beforeThere, beforeHere := there.packets(), here.packets()
		eventually(t, "packets both ways", func() bool {
			pts += 20 * time.Millisecond
			sound.write(&media.EncodedFrame{Data: []byte{1, 2}, Keyframe: true, PTS: pts})
			writeRTP(t, server, 1000, here.options.PayloadType, uint16(here.packets()), []byte{1})

			return there.packets() > beforeThere+5 && here.packets() > beforeHere+5
		})
	}
	sent := func(kind string) uint64 {
		t.Helper()
		n, _ := field(t, client.Stats(), kind, "packetsSent").(uint64)

		return n
	}
	exchange()
	before := []uint64{sent("transport"), sent("outbound-rtp")}
	restart(t, client, server)
	exchange()
	for i, kind := range []string{"transport", "outbound-rtp"} {
		if after := sent(kind); after < before[i] || before[i] == 0 {
			t.Errorf("%s: %d packets sent before the restart, %d after", kind, before[i], after)
		}
	}
}

// What sends it on makes timestamps of them, which may not go back.
func TestTheTimesOfATrackGoOnAfterAPause(t *testing.T) {
	client, server := linked(t)
	const ssrc = 1000
	r := receiverOn(t, client, media.Audio, ssrc)
	c := &collector{}
	feed, err := r.Track().Attach(r.Track().Codec(), media.EncodingSettings{}, c)
	if err != nil {
		t.Fatal(err)
	}
	defer feed.Close()
	sequence := uint16(0)
	hear := func() time.Duration {
		before := c.len()
		eventually(t, "a frame", func() bool {
			header := &rtp.Header{
				Version: 2, SSRC: ssrc, PayloadType: r.options.PayloadType, SequenceNumber: sequence, Timestamp: 1<<32 - 96_000 + uint32(sequence)*48_000,
			}
			sequence++
			if _, err := server.gate.WriteRTP(header, []byte{1}); err != nil {
				t.Fatal(err)
			}

			return c.len() > before
		})
		c.mu.Lock()
		defer c.mu.Unlock()

		return c.frames[len(c.frames)-1].PTS
	}
	last := time.Duration(-1)
	for range 4 {
		for range 3 {
			pts := hear()
			if pts <= last {
				t.Errorf("%v after %v", pts, last)
			}
			last = pts
		}
		r.SetPaused(true)
		r.SetPaused(false)
	}
}

// What is not needed any more is given back, and costs what it did at first.
func TestTheCostOfAReceiverDoesNotGrow(t *testing.T) {
	client, server := linked(t)
	var held []*Receiver
	for i := range uint32(50) {
		held = append(held, receiverOn(t, client, media.Video, 1_000_000+2*i))
	}
	ssrc := uint32(2_000_000)
	// A few at a time, of which the quickest count: others who want the processor hold up any.
	few := func() (took time.Duration) {
		for range 10 {
			ssrc += 2
			began := time.Now()
			r := receiverOn(t, client, media.Video, ssrc)
			took += time.Since(began)
			writeRTP(t, server, ssrc, r.options.PayloadType, 1, []byte{1})
			began = time.Now()
			r.Stop()
			took += time.Since(began)
			// As if a while had passed.
			client.mu.Lock()
			for i := range client.left {
				client.left[i].since = client.left[i].since.Add(-time.Second)
			}
			client.mu.Unlock()
		}

		return took
	}
	round := func() time.Duration {
		quickest := few()
		for range 49 {
			quickest = min(quickest, few())
		}

		return quickest
	}
	first := round()
	size, goroutines := heapSize(), runtime.NumGoroutine()
	var last time.Duration
	for range 4 {
		last = round()
	}
	if last > 4*first {
		t.Errorf("10 receivers took %v at first, %v in the end", first, last)
	}
	// SRTP remembers each SSRC that it has heard of, and no more.
	if grown := heapSize() - size; grown > 2000*2000 {
		t.Errorf("2000 receivers left %d bytes", grown)
	}
	eventually(t, "goroutines to end", func() bool { return runtime.NumGoroutine() <= goroutines })
	if n := len(client.listReceivers()); n != len(held) {
		t.Errorf("%d receivers are left", n)
	}
}
