package peer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pion/webrtc/v4"
	"go.uber.org/goleak"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

const testLimit = 10 * time.Second

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fakeTrack delivers what the test gives it.
type fakeTrack struct {
	kind media.Kind
	life media.Life
	out  *media.Fanout

	keyframes atomic.Int32
	feeds     atomic.Int32
}

func newFakeTrack(kind media.Kind) *fakeTrack {
	t := &fakeTrack{kind: kind}
	t.out = media.NewFanout(kind, t)

	return t
}

func (t *fakeTrack) ID() string                  { return "fake" }
func (t *fakeTrack) Kind() media.Kind            { return t.kind }
func (t *fakeTrack) SetEnabled(enabled bool)     { t.life.Enable(enabled) }
func (t *fakeTrack) OnEnded(f func(error))       { t.life.OnEnded(f) }
func (t *fakeTrack) Stop()                       { t.life.End(nil) }
func (t *fakeTrack) RequestKeyframe()            { t.keyframes.Add(1) }
func (t *fakeTrack) SetTargetBitrate(int)        {}
func (t *fakeTrack) Stats() media.FeedStats      { return media.FeedStats{Encoder: "fake"} }
func (t *fakeTrack) FeedClosed()                 { t.feeds.Add(-1) }
func (t *fakeTrack) write(f *media.EncodedFrame) { t.out.Write(f) }
func (t *fakeTrack) Attach(_ media.Codec, _ media.EncodingSettings, s media.Sink) (media.Feed, error) {
	t.feeds.Add(1)

	return t.out.Add(&t.life, s), nil
}

// collector keeps frames.
type collector struct {
	mu     sync.Mutex
	frames []*media.EncodedFrame
}

func (c *collector) WriteFrame(f *media.EncodedFrame) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.frames = append(c.frames, f)
}

func (c *collector) len() int {
	c.mu.Lock()
	defer c.mu.Unlock()

	return len(c.frames)
}

func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	deadline := time.Now().Add(testLimit)
	for !condition() {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within %v", what, testLimit)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func newTestPeer(t *testing.T) *Peer {
	t.Helper()

	return newTestPeerWith(t, Options{Loopback: true})
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

// negotiate makes an offer of a and answers it by b, whose candidates a is told. Both
// take the preferred payload types first.
func negotiate(t *testing.T, a, b *Peer, preferred ...string) {
	t.Helper()
	offer, err := a.CreateOffer(false)
	if err != nil {
		t.Fatal(err)
	}
	if _, err = a.SetLocalDescription("offer", offer); err != nil {
		t.Fatal(err)
	}
	if err = b.SetRemoteDescription("offer", preferring(offer, preferred)); err != nil {
		t.Fatal(err)
	}
	answer, err := b.CreateAnswer()
	if err != nil {
		t.Fatal(err)
	}
	if _, err = b.SetLocalDescription("answer", answer); err != nil {
		t.Fatal(err)
	}
	eventually(t, "gathering", func() bool {
		return b.pc.ICEGatheringState() == webrtc.ICEGatheringStateComplete
	})
	if err = a.SetRemoteDescription("answer", preferring(b.pc.LocalDescription().SDP, preferred)); err != nil {
		t.Fatal(err)
	}
}

// preferring moves payload types to the front of their media sections.
func preferring(sdp string, payloadTypes []string) string {
	lines := strings.Split(sdp, "\r\n")
	for i, line := range lines {
		for _, payloadType := range payloadTypes {
			fields := strings.Fields(line)
			if at := slices.Index(fields, payloadType); strings.HasPrefix(line, "m=") && at > 3 {
				lines[i] = strings.Join(slices.Insert(slices.Delete(fields, at, at+1), 3, payloadType), " ")
			}
		}
	}

	return strings.Join(lines, "\r\n")
}

func add(t *testing.T, p *Peer, track media.Track) *Sender {
	t.Helper()
	s, err := p.AddSender(SenderOptions{Kind: track.Kind(), Track: track, StreamID: "stream", TrackID: track.ID(), Encodings: []Encoding{{Active: true}}})
	if err != nil {
		t.Fatal(err)
	}

	return s
}

// receive attaches a collector to what b receives as mid.
func receive(t *testing.T, b *Peer, mid string) (*Receiver, *collector, media.Feed) {
	t.Helper()
	r, err := b.Receiver(mid)
	if err != nil {
		t.Fatal(err)
	}
	c := &collector{}
	feed, err := r.Track().Attach(r.Track().Codec(), media.EncodingSettings{}, c)
	if err != nil {
		t.Fatal(err)
	}

	return r, c, feed
}

func TestVideoAndAudioArriveWhole(t *testing.T) {
	a, b := newTestPeer(t), newTestPeer(t)
	video, audio := newFakeTrack(media.Video), newFakeTrack(media.Audio)
	videoSender, audioSender := add(t, a, video), add(t, a, audio)
	negotiate(t, a, b)
	_, pictures, _ := receive(t, b, videoSender.Mid())
	_, sounds, _ := receive(t, b, audioSender.Mid())
	eventually(t, "both to be attached", func() bool { return video.feeds.Load() == 1 && audio.feeds.Load() == 1 })

	frames := testFrames(60, 4000)
	eventually(t, "all pictures", func() bool {
		if pictures.len() == 0 {
			video.write(frames[0]) // the remote side may not be ready for the first
			time.Sleep(20 * time.Millisecond)

			return false
		}

		return true
	})
	for i, f := range frames[1:] {
		time.Sleep(3 * time.Millisecond) // a burst of all would not fit into the socket's buffer
		video.write(f)
		audio.write(&media.EncodedFrame{Data: []byte{1, byte(i)}, PTS: time.Duration(i) * 20 * time.Millisecond, Keyframe: true})
	}
	eventually(t, "the last picture", func() bool {
		pictures.mu.Lock()
		defer pictures.mu.Unlock()

		return bytes.Equal(pictures.frames[len(pictures.frames)-1].Data, frames[59].Data)
	})
	eventually(t, "the sound", func() bool { return sounds.len() == 59 })

	stats := videoSender.Stats()
	if n := field(t, stats, "outbound-rtp", "keyFramesEncoded"); n.(uint64) < 2 {
		t.Errorf("keyFramesEncoded: %v", n)
	}
	if n := field(t, b.Stats(), "inbound-rtp", "packetsReceived"); n.(uint64) == 0 {
		t.Errorf("packetsReceived: %v", n)
	}
}

func field(t *testing.T, entries []map[string]any, kind, name string) any {
	t.Helper()
	for _, e := range entries {
		if e["type"] == kind {
			return e[name]
		}
	}
	t.Fatalf("no %s in the stats", kind)

	return nil
}

func TestKeyframeRequestsTravelToTheSource(t *testing.T) {
	a, b := newTestPeer(t), newTestPeer(t)
	video := newFakeTrack(media.Video)
	sender := add(t, a, video)
	negotiate(t, a, b)
	_, pictures, feed := receive(t, b, sender.Mid())
	eventually(t, "a picture", func() bool {
		video.write(testFrames(1, 100)[0])
		time.Sleep(10 * time.Millisecond)

		return pictures.len() > 0
	})
	time.Sleep(media.KeyframeInterval)
	before := video.keyframes.Load()
	feed.RequestKeyframe()
	eventually(t, "a keyframe request", func() bool { return video.keyframes.Load() > before })
}

func TestAPausedSenderHasNoFeed(t *testing.T) {
	a, b := newTestPeer(t), newTestPeer(t)
	video := newFakeTrack(media.Video)
	sender := add(t, a, video)
	negotiate(t, a, b)
	eventually(t, "a feed", func() bool { return video.feeds.Load() == 1 })
	sender.SetPaused(true)
	if n := video.feeds.Load(); n != 0 {
		t.Errorf("%d feeds while paused", n)
	}
	sender.SetPaused(false)
	if n := video.feeds.Load(); n != 1 {
		t.Errorf("%d feeds after the pause", n)
	}
	other := newFakeTrack(media.Video)
	if err := sender.ReplaceTrack(other, "other"); err != nil {
		t.Fatal(err)
	}
	if video.feeds.Load() != 0 || other.feeds.Load() != 1 {
		t.Error("the feed did not move to the new track")
	}
	if err := sender.ReplaceTrack(newFakeTrack(media.Audio), ""); !errors.Is(err, ErrInvalidArgument) {
		t.Errorf("a track of another kind: %v", err)
	}
	if err := sender.ReplaceTrack(nil, "other"); err != nil {
		t.Fatal(err)
	}
	if other.feeds.Load() != 0 {
		t.Error("a feed without a track")
	}
}

// A mid is not used again at once: the server may not know yet that it is free.
func TestASenderStoppedLeavesItsSectionToALaterOne(t *testing.T) {
	a, b := newTestPeer(t), newTestPeer(t)
	addAndStop := func() string {
		sender := add(t, a, newFakeTrack(media.Audio))
		negotiate(t, a, b)
		mid := sender.Mid()
		if err := sender.Stop(); err != nil {
			t.Fatal(err)
		}
		negotiate(t, a, b)

		return mid
	}
	first, second := addAndStop(), addAndStop()
	if first == second {
		t.Fatalf("mid %s was used again at once", first)
	}
	a.mu.Lock()
	for transceiver, at := range a.left {
		a.left[transceiver] = at.Add(-restOfTransceivers)
	}
	a.mu.Unlock()
	if later := addAndStop(); later != first {
		t.Errorf("after a rest mid %s was used, not %s", later, first)
	}
	for range 2 * mostAtRest {
		addAndStop()
	}
	if n := len(a.pc.GetTransceivers()); n != mostAtRest {
		t.Errorf("%d transceivers after many senders, one at a time", n)
	}
}

func TestATrackOfAnotherCodecIsRefused(t *testing.T) {
	a, b, c, d := newTestPeer(t), newTestPeer(t), newTestPeer(t), newTestPeer(t)
	sender := add(t, a, newFakeTrack(media.Audio))
	negotiate(t, a, b)
	r, err := b.Receiver(sender.Mid())
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Track().CheckCodec(media.Codec{MimeType: "audio/PCMU"}, media.EncodingSettings{}); !errors.Is(err, media.ErrCodecUnavailable) {
		t.Errorf("PCMU of a track of %s: %v", r.Track().Codec().MimeType, err)
	}
	add(t, c, r.Track())
	negotiate(t, c, d) // the same codec is taken
}

func TestCapabilities(t *testing.T) {
	for _, way := range []string{"sendonly", "recvonly"} {
		sdp, err := Capabilities(way)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{
			"opus/48000/2", "PCMU/8000", "PCMA/8000", "G722/8000", "multiopus/48000/4", "multiopus/48000/6", "multiopus/48000/8", "H265/90000", "VP8/90000", "VP9/90000", "H264/90000", "AV1/90000", "rtx/90000",
			"nack pli", "ccm fir", "transport-cc", "goog-remb",
			uriMid, uriRid, uriRepairedRid, uriAbsSendTime, uriTransportWideCC, uriAudioLevel,
		} {
			if !bytes.Contains([]byte(sdp), []byte(want)) {
				t.Errorf("%s: no %s in the offer", way, want)
			}
		}
	}
	if _, err := Capabilities("sendrecv"); !errors.Is(err, ErrInvalidArgument) {
		t.Errorf("sendrecv: %v", err)
	}
}

// channelEvents is a ChannelObserver that remembers.
type channelEvents struct {
	mu       sync.Mutex
	states   []string
	messages []string
	low      int
}

func (e *channelEvents) State(s string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.states = append(e.states, s)
}
func (e *channelEvents) Error(error) {}
func (e *channelEvents) BufferedAmountLow() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.low++
}

func (e *channelEvents) Message(_ context.Context, text bool, data []byte) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.messages = append(e.messages, fmt.Sprint(text, len(data), string(data[:min(len(data), 20)])))
}

func (e *channelEvents) state() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.states) == 0 {
		return ChannelConnecting
	}

	return e.states[len(e.states)-1]
}

func (e *channelEvents) received() []string {
	e.mu.Lock()
	defer e.mu.Unlock()

	return append([]string(nil), e.messages...)
}

func openChannels(t *testing.T) (from *DataChannel, sent, got *channelEvents) {
	t.Helper()
	a, b := newTestPeer(t), newTestPeer(t)
	sent, got = &channelEvents{}, &channelEvents{}
	from, err := a.CreateDataChannel(ChannelOptions{Label: "x", ID: 3, Ordered: true}, sent)
	if err != nil {
		t.Fatal(err)
	}
	if _, err = b.CreateDataChannel(ChannelOptions{Label: "x", ID: 3, Ordered: true}, got); err != nil {
		t.Fatal(err)
	}
	if err := from.Send(false, []byte("early")); !errors.Is(err, ErrNotOpen) {
		t.Errorf("sending before the channel is open: %v", err)
	}
	negotiate(t, a, b)
	eventually(t, "open", func() bool { return sent.state() == ChannelOpen && got.state() == ChannelOpen })

	return from, sent, got
}

func TestMessagesArriveWholeAndInOrder(t *testing.T) {
	from, _, got := openChannels(t)
	var want []string
	send := func(text bool, data []byte) {
		if err := from.Send(text, data); err != nil {
			t.Fatal(err)
		}
		want = append(want, fmt.Sprint(text, len(data), string(data[:min(len(data), 20)])))
	}
	send(true, nil)
	send(false, nil)
	for i := range 1000 {
		send(i%2 == 0, fmt.Appendf(nil, "message %d", i))
	}
	send(false, make([]byte, from.MaxMessageSize()))
	eventually(t, "all messages", func() bool { return len(got.received()) == len(want) })
	for i, m := range got.received() {
		if m != want[i] {
			t.Fatalf("message %d is %q, want %q", i, m, want[i])
		}
	}
	if err := from.Send(false, make([]byte, from.MaxMessageSize()+1)); !errors.Is(err, ErrMessageTooLarge) {
		t.Errorf("one byte too many: %v", err)
	}
	eventually(t, "an empty buffer", func() bool { return from.BufferedAmount() == 0 })
}

func TestClosingAChannelSendsWhatIsQueued(t *testing.T) {
	from, sent, got := openChannels(t)
	for range 500 {
		if err := from.Send(false, make([]byte, 1000)); err != nil {
			t.Fatal(err)
		}
	}
	if n := from.BufferedAmount(); n == 0 || n > 500_000 {
		t.Errorf("bufferedAmount: %d", n)
	}
	if err := from.Close(); err != nil {
		t.Fatal(err)
	}
	if err := from.Close(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "closed", func() bool { return sent.state() == ChannelClosed })
	eventually(t, "all messages", func() bool { return len(got.received()) == 500 })
	sent.mu.Lock()
	defer sent.mu.Unlock()
	if fmt.Sprint(sent.states) != "[open closing closed]" {
		t.Errorf("states: %v", sent.states)
	}
}

func TestBufferedAmountLowFires(t *testing.T) {
	from, sent, _ := openChannels(t)
	from.SetBufferedAmountLowThreshold(1000)
	for range 300 {
		if err := from.Send(false, make([]byte, 1000)); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "bufferedamountlow", func() bool {
		sent.mu.Lock()
		defer sent.mu.Unlock()

		return sent.low > 0
	})
}

func TestAClosedPeerRefuses(t *testing.T) {
	p := newTestPeer(t)
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	_, offerErr := p.CreateOffer(false)
	_, senderErr := p.AddSender(SenderOptions{Kind: media.Audio})
	_, channelErr := p.CreateDataChannel(ChannelOptions{}, &channelEvents{})
	_, receiverErr := p.Receiver("0")
	for _, err := range []error{offerErr, senderErr, channelErr, receiverErr, p.SetRemoteDescription("offer", "")} {
		if !errors.Is(err, ErrClosed) {
			t.Errorf("got %v", err)
		}
	}
	if len(p.Stats()) != 0 {
		t.Error("a closed peer has stats")
	}
}

func TestAPeerThatTheOtherSideClosedRefuses(t *testing.T) {
	a, b := newTestPeer(t), newTestPeer(t)
	sender := add(t, a, newFakeTrack(media.Video))
	if _, err := a.CreateDataChannel(ChannelOptions{Label: "x", ID: 3, Ordered: true}, &channelEvents{}); err != nil {
		t.Fatal(err)
	}
	negotiate(t, a, b)
	offer, err := a.CreateOffer(false)
	if err != nil {
		t.Fatal(err)
	}
	remote := b.pc.LocalDescription().SDP
	eventually(t, "connected", func() bool {
		return a.pc.ConnectionState() == webrtc.PeerConnectionStateConnected &&
			b.pc.ConnectionState() == webrtc.PeerConnectionStateConnected
	})
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "closed", func() bool { return a.pc.ConnectionState() == webrtc.PeerConnectionStateClosed })

	_, offerErr := a.CreateOffer(false)
	_, answerErr := a.CreateAnswer()
	_, localErr := a.SetLocalDescription("offer", offer)
	_, senderErr := a.AddSender(SenderOptions{Kind: media.Audio})
	_, channelErr := a.CreateDataChannel(ChannelOptions{ID: 4}, &channelEvents{})
	_, receiverErr := a.Receiver("0")
	for what, err := range map[string]error{
		"CreateOffer": offerErr, "CreateAnswer": answerErr, "SetLocalDescription": localErr,
		"SetRemoteDescription": a.SetRemoteDescription("answer", remote),
		"RestartICE":           a.RestartICE("answer", remote),
		"SetICEServers":        a.SetICEServers(nil),
		"AddSender":            senderErr, "CreateDataChannel": channelErr, "Receiver": receiverErr,
	} {
		if !errors.Is(err, ErrClosed) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := sender.Stop(); err != nil {
		t.Errorf("stopping a sender: %v", err)
	}
}

func TestGarbageIsRefused(t *testing.T) {
	p := newTestPeer(t)
	for _, sdp := range []string{"", "v=1", "garbage", "m=video"} {
		if err := p.SetRemoteDescription("offer", sdp); err == nil {
			t.Errorf("%q was taken", sdp)
		}
	}
	if _, err := p.Receiver("nope"); !errors.Is(err, ErrUnknownMid) {
		t.Errorf("an unknown mid: %v", err)
	}
}
