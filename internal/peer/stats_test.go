package peer

import (
	"encoding/binary"
	"testing"
	"time"

	"github.com/pion/rtcp"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/rtpwire"
)

// packet makes an RTP packet with an extension of 4 bytes and 3 of padding.
func packet(sequence uint16, timestamp uint32, marker bool) []byte {
	p := make([]byte, 12+8+10+3)
	p[0] = 2<<6 | 0x20 | 0x10
	if marker {
		p[1] = 0x80
	}
	binary.BigEndian.PutUint16(p[2:], sequence)
	binary.BigEndian.PutUint32(p[4:], timestamp)
	binary.BigEndian.PutUint16(p[14:], 1)
	p[len(p)-1] = 3

	return p
}

func TestArrivalsAreCounted(t *testing.T) {
	a := &arrivals{clockRate: 1000}
	now := time.Unix(1000, 0)
	a.take([]byte{1, 2, 3}, false, now)
	for i := range 20 {
		if i == 7 || i == 8 {
			continue
		}
		// 10 ms between packets, 10 ms of jitter at every other.
		at := now.Add(time.Duration(i)*10*time.Millisecond + time.Duration(i%2)*10*time.Millisecond)
		a.take(packet(uint16(65530+i), uint32(i*10), i%2 == 0), false, at)
	}
	got := a.read(now)
	if got.packets != 18 || got.lost != 2 || got.bytes != 180 || got.headerBytes != 360 || got.frames != 9 {
		t.Errorf("counted %+v", got)
	}
	if got.jitter < 0.002 || got.jitter > 0.01 {
		t.Errorf("jitter of %v s", got.jitter)
	}
	jitter := got.jitter
	a.take(packet(1, 70, false), true, now)
	got = a.read(now.Add(time.Second))
	if got.lost != 1 || got.again != (rtpwire.Traffic{Packets: 1, Bytes: 10}) || got.jitter != jitter || got.framesPerSecond != 9 {
		t.Errorf("after a repair: %+v", got)
	}
	for i := range 10 {
		a.skip(packet(uint16(14+i), 0, true))
	}
	a.take(packet(24, 300, false), false, now.Add(time.Second))
	if got = a.read(now.Add(time.Second)); got.lost != 1 || got.packets != 20 {
		t.Errorf("after packets that were left out: %+v", got)
	}
	if got = a.read(now.Add(3 * time.Second)); got.framesPerSecond != 0 {
		t.Errorf("frames in a second without one: %v", got.framesPerSecond)
	}
}

func TestReceptionReportsAreRead(t *testing.T) {
	var r receptionReports
	now := time.Unix(1_700_000_000, 250_000_000)
	s := stream{ssrc: 7, clockRate: 90000, first: 100}
	block := rtcp.ReceptionReport{
		SSRC: 7, LastSequenceNumber: 1<<16 | 99, TotalLost: 3, FractionLost: 64, Jitter: 900,
		LastSenderReport: rtpwire.CompactNTP(now.Add(-300 * time.Millisecond)), Delay: 65536 / 5,
	}
	other := block
	other.SSRC, other.TotalLost = 8, 99
	r.take([]rtcp.Packet{
		&rtcp.ReceiverReport{Reports: []rtcp.ReceptionReport{other, block}},
		&rtcp.PictureLossIndication{MediaSSRC: 7}, &rtcp.PictureLossIndication{MediaSSRC: 8},
		&rtcp.TransportLayerNack{MediaSSRC: 7}, &rtcp.FullIntraRequest{FIR: []rtcp.FIREntry{{SSRC: 7}, {SSRC: 8}}},
	}, s, now)
	got := r.read()
	if got.received != 65536-3 || got.lost != 3 || got.fraction != 0.25 || got.jitter != 0.01 {
		t.Errorf("read %+v", got)
	}
	if got.plis != 1 || got.firs != 1 || got.nacks != 1 {
		t.Errorf("feedback %+v", got)
	}
	if d := got.roundTrip - 100*time.Millisecond; d < -time.Millisecond || d > time.Millisecond {
		t.Errorf("round trip of %v", got.roundTrip)
	}
	// The clock of the server is coarse: the answer seems to come before the question.
	block.LastSenderReport, block.TotalLost = rtpwire.CompactNTP(now), 0xffffff
	r.take([]rtcp.Packet{&rtcp.SenderReport{Reports: []rtcp.ReceptionReport{block}}}, s, now)
	after := r.read()
	if after.roundTrip != 0 || after.roundTrips != got.roundTrips || after.measurements != 2 || after.lost != -1 {
		t.Errorf("then %+v", after)
	}
}

func TestSenderReportsAreRead(t *testing.T) {
	var r senderReports
	at := time.Unix(1_700_000_000, 500_000_000)
	seconds := uint64(at.Unix() + 2_208_988_800)
	report := &rtcp.SenderReport{SSRC: 7, NTPTime: seconds<<32 | 1<<31, PacketCount: 5, OctetCount: 600}
	r.take([]rtcp.Packet{report, &rtcp.SenderReport{SSRC: 8}}, 7)
	if got := r.read(); got != (senderCounts{1, 5, 600, got.at}) || !got.at.Equal(at) {
		t.Errorf("read %+v", got)
	}
}

func TestASelectionHoldsWhatIsReferredTo(t *testing.T) {
	all := []entry{
		{"id": "o1", "type": "outbound-rtp", "codecId": "c1", "transportId": "t", "remoteId": "absent"},
		{"id": "c1", "type": "codec", "transportId": "t"},
		{"id": "c2", "type": "codec"},
		{"id": "t", "type": "transport", "selectedCandidatePairId": "p"},
		{"id": "p", "type": "candidate-pair", "transportId": "t"},
		{"id": "p2", "type": "candidate-pair", "transportId": "t"},
	}
	got := map[any]bool{}
	for _, e := range selected("outbound-rtp", all) {
		got[e["id"]] = true
	}
	for id, want := range map[string]bool{"o1": true, "c1": true, "c2": false, "t": true, "p": true, "p2": false} {
		if got[id] != want {
			t.Errorf("%s: %v", id, got[id])
		}
	}
	if len(selected("inbound-rtp", all)) != 0 {
		t.Error("a selection of nothing is not empty")
	}
}

func TestTheCodecsParametersSetTheEncoder(t *testing.T) {
	opus := media.Codec{
		MimeType:   "audio/opus",
		Parameters: "minptime=10; stereo=1;useinbandfec=1;usedtx=1;maxplaybackrate=8000;maxaveragebitrate=20000;ptime=60",
	}
	got := codecSettings(opus, Encoding{MaxBitrate: 30000})
	if got != (media.EncodingSettings{
		MaxBitrate: 20000, Stereo: true, FEC: true, DTX: true, MaxPlaybackRate: 8000, PacketDuration: 60 * time.Millisecond,
	}) {
		t.Errorf("Opus: %+v", got)
	}
	vp8 := media.Codec{
		MimeType:   "video/VP8",
		Parameters: "x-google-start-bitrate=300;x-google-min-bitrate=100;x-google-max-bitrate=900;stereo=1",
	}
	got = codecSettings(vp8, Encoding{MaxBitrate: 500_000, MaxFramerate: 5})
	if got != (media.EncodingSettings{MaxBitrate: 500_000, StartBitrate: 300_000, MinBitrate: 100_000, MaxFramerate: 5}) {
		t.Errorf("VP8: %+v", got)
	}
	for _, parameters := range []string{"", "ptime=15;stereo=0", "ptime=-20;maxplaybackrate=NaN", "=;;=1;ptime"} {
		got := codecSettings(media.Codec{MimeType: "audio/opus", Parameters: parameters}, Encoding{})
		if got != (media.EncodingSettings{}) {
			t.Errorf("%q: %+v", parameters, got)
		}
	}
}

func TestSoundIsSentAgainWhereTheServerAsksForIt(t *testing.T) {
	a, b := newTestPeer(t), newTestServer(t)
	sound := newFakeTrack(media.Audio)
	sender := add(t, a, sound)
	negotiate(t, a, b)
	receiver, sounds, _ := receive(t, b, sender.Mid())
	eventually(t, "a sound", func() bool {
		sound.write(&media.EncodedFrame{Data: []byte{1, 2}, Keyframe: true, PTS: time.Duration(sounds.len()) * 20 * time.Millisecond})
		time.Sleep(5 * time.Millisecond)

		return sounds.len() > 0
	})
	sent := sender.layers[0].out.Counts()
	nack := &rtcp.TransportLayerNack{
		MediaSSRC: receiver.options.Stream.SSRC, Nacks: []rtcp.NackPair{{PacketID: sent.First}},
	}
	eventually(t, "it again", func() bool {
		if err := b.writeRTCP(nack); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Millisecond)
		again, _ := field(t, sender.Stats(), "outbound-rtp", "retransmittedPacketsSent").(uint64)

		return again > 0 && field(t, sender.Stats(), "outbound-rtp", "nackCount").(uint64) > 0
	})
	if n := field(t, receiver.Stats(), "inbound-rtp", "nackCount").(uint64); n == 0 {
		t.Error("the NACKs that were sent are not counted")
	}
}
