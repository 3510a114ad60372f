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
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/packetize/packetizetest"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/peertest"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/rtpwire"
)

const testLimit = peertest.Limit

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

func add(t *testing.T, p *Peer, track media.Track) *Sender {
	t.Helper()
	s, err := p.AddSender(SenderOptions{Kind: track.Kind(), Track: track, TrackIdentifier: track.ID(), Encodings: []Encoding{{Active: true}}})
	if err != nil {
		t.Fatal(err)
	}

	return s
}

func TestVideoAndAudioArriveWhole(t *testing.T) {
	a, b := newTestPeer(t), newTestServer(t)
	video, audio := newFakeTrack(media.Video), newFakeTrack(media.Audio)
	videoSender, audioSender := add(t, a, video), add(t, a, audio)
	negotiate(t, a, b)
	_, pictures, _ := receive(t, b, videoSender.Mid())
	_, sounds, _ := receive(t, b, audioSender.Mid())
	eventually(t, "both to be attached", func() bool { return video.feeds.Load() == 1 && audio.feeds.Load() == 1 })

	frames := packetizetest.VP8Frames(60, 4000)
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
	a, b := newTestPeer(t), newTestServer(t)
	video := newFakeTrack(media.Video)
	sender := add(t, a, video)
	negotiate(t, a, b)
	_, pictures, feed := receive(t, b, sender.Mid())
	eventually(t, "a picture", func() bool {
		video.write(packetizetest.VP8Frames(1, 100)[0])
		time.Sleep(10 * time.Millisecond)

		return pictures.len() > 0
	})
	time.Sleep(media.KeyframeInterval)
	before := video.keyframes.Load()
	feed.RequestKeyframe()
	eventually(t, "a keyframe request", func() bool { return video.keyframes.Load() > before })
}

func TestAPausedSenderHasNoFeed(t *testing.T) {
	a, b := newTestPeer(t), newTestServer(t)
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

func TestATrackOfAnotherCodecIsRefused(t *testing.T) {
	a, b, c, d := newTestPeer(t), newTestServer(t), newTestPeer(t), newTestServer(t)
	sender := add(t, a, newFakeTrack(media.Audio))
	negotiate(t, a, b)
	r := receiverOf(t, b, sender.Mid())
	if err := r.Track().CheckCodec(media.Codec{MimeType: "audio/PCMU"}, media.EncodingSettings{}); !errors.Is(err, media.ErrCodecUnavailable) {
		t.Errorf("PCMU of a track of %s: %v", r.Track().Codec().MimeType, err)
	}
	add(t, c, r.Track())
	negotiate(t, c, d) // the same codec is taken
}

func TestCapabilities(t *testing.T) {
	for _, way := range []string{"sendonly", "recvonly"} {
		got, err := NewCapabilities(way)
		if err != nil {
			t.Fatal(err)
		}
		text := fmt.Sprint(got)
		for _, want := range []string{
			"opus 48000 2", "PCMU 8000 1", "PCMA 8000 1", "G722 8000 1", "multiopus 48000 4", "multiopus 48000 6",
			"multiopus 48000 8", "H265 90000", "VP8 90000", "VP9 90000", "H264 90000", "AV1 90000", "rtx 90000",
			"nack pli", "ccm fir", "transport-cc",
			rtpwire.MidURI, rtpwire.RidURI, rtpwire.RepairedRidURI, rtpwire.AbsSendTimeURI, rtpwire.TransportWideCCURI, rtpwire.AudioLevelURI,
		} {
			if !strings.Contains(text, want) {
				t.Errorf("%s: no %s in %s", way, want, text)
			}
		}
		// None are sent.
		if remb := strings.Contains(text, "goog-remb"); remb != (way == "sendonly") {
			t.Errorf("%s: goog-remb: %v", way, remb)
		}
		types := make(map[uint8]bool)
		for _, c := range got.Codecs {
			if types[c.PayloadType] {
				t.Errorf("%s: payload type %d twice", way, c.PayloadType)
			}
			types[c.PayloadType] = true
		}
	}
	if _, err := NewCapabilities("sendrecv"); !errors.Is(err, ErrInvalidArgument) {
		t.Errorf("sendrecv: %v", err)
	}
}

// channelEvents is a ChannelObserver that remembers.
type channelEvents struct {
	mu       sync.Mutex
	states   []string
	messages []string
	errors   []error
	low      int
}

func (e *channelEvents) State(s string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.states = append(e.states, s)
}

func (e *channelEvents) Error(err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.errors = append(e.errors, err)
}

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
	a, b := newTestPeer(t), newTestServer(t)
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

// Who reads a channel and who writes it may both come to its end.
func TestNothingFollowsTheEndOfAChannel(t *testing.T) {
	from, sent, _ := openChannels(t)
	broken := errors.New("broken")
	from.ended(broken)
	from.tell(broken)
	from.ended(broken)
	sent.mu.Lock()
	defer sent.mu.Unlock()
	if !slices.Equal(sent.errors, []error{broken}) || fmt.Sprint(sent.states) != "[open closed]" {
		t.Errorf("errors: %v, states: %v", sent.errors, sent.states)
	}
	if state := from.pion.ReadyState(); state == webrtc.DataChannelStateOpen {
		t.Errorf("pion's is %v", state)
	}
	from.peer.mu.Lock()
	defer from.peer.mu.Unlock()
	if len(from.peer.channels) > 0 {
		t.Error("its peer still has it")
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
	_, senderErr := p.AddSender(SenderOptions{Kind: media.Audio})
	_, channelErr := p.CreateDataChannel(ChannelOptions{}, &channelEvents{})
	_, receiverErr := p.AddReceiver(ReceiverOptions{})
	_, printErr := p.Fingerprints()
	for _, err := range []error{senderErr, channelErr, receiverErr, printErr, p.Connect(Remote{}), p.RestartICE(ICEParameters{})} {
		if !errors.Is(err, ErrClosed) {
			t.Errorf("got %v", err)
		}
	}
	if len(p.Stats()) != 0 {
		t.Error("a closed peer has stats")
	}
}

func TestAPeerThatTheOtherSideClosedRefuses(t *testing.T) {
	a, b := newTestPeer(t), newTestServer(t)
	sender := add(t, a, newFakeTrack(media.Video))
	if _, err := a.CreateDataChannel(ChannelOptions{Label: "x", ID: 3, Ordered: true}, &channelEvents{}); err != nil {
		t.Fatal(err)
	}
	negotiate(t, a, b)
	remote := b.local(t, "server")
	untilConnected(t, a, b)
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "closed", func() bool { return a.pc.ConnectionState() == webrtc.PeerConnectionStateClosed })

	_, senderErr := a.AddSender(SenderOptions{Kind: media.Audio})
	_, channelErr := a.CreateDataChannel(ChannelOptions{ID: 4}, &channelEvents{})
	_, receiverErr := a.AddReceiver(ReceiverOptions{})
	_, printErr := a.Fingerprints()
	for what, err := range map[string]error{
		"Fingerprints": printErr, "Connect": a.Connect(remote), "RestartICE": a.RestartICE(remote.ICE),
		"SetICEServers": a.SetICEServers(nil), "Send": sender.Send(parametersOf(media.Video, "1")),
		"AddSender": senderErr, "CreateDataChannel": channelErr, "AddReceiver": receiverErr,
	} {
		if !errors.Is(err, ErrClosed) {
			t.Errorf("%s: %v", what, err)
		}
	}
	sender.Stop()
}

func TestWrongParametersAreRefused(t *testing.T) {
	p := newTestPeer(t)
	good := Remote{
		ICE: ICEParameters{UsernameFragment: "user", Password: "password-of-some-length", Lite: true}, Role: "server",
		Fingerprints: []Fingerprint{{Algorithm: "sha-256", Value: "AB"}},
	}
	for what, change := range map[string]func(r *Remote){
		"no fragment":    func(r *Remote) { r.ICE.UsernameFragment = "" },
		"two lines":      func(r *Remote) { r.ICE.Password = "x\r\na=ice-lite" },
		"no fingerprint": func(r *Remote) { r.Fingerprints = nil },
		"a candidate":    func(r *Remote) { r.Candidates = []Candidate{{Foundation: "a b"}} },
		"a candidate of nothing": func(r *Remote) {
			r.Candidates = []Candidate{{Foundation: "a", Protocol: "sctp", Priority: 1, Address: "127.0.0.1", Port: 3000, Type: "host"}}
		},
		"no such name": func(r *Remote) {
			r.Candidates = []Candidate{{Foundation: "a", Protocol: "udp", Priority: 1, Address: "name.invalid", Port: 3000, Type: "host"}}
		},
	} {
		bad := good
		change(&bad)
		if err := p.Connect(bad); !errors.Is(err, ErrInvalidArgument) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := p.RestartICE(good.ICE); !errors.Is(err, ErrInvalidState) {
		t.Errorf("a restart of nothing: %v", err)
	}
	if err := p.Connect(good); err != nil {
		t.Errorf("after that: %v", err)
	}
	sender := add(t, p, newFakeTrack(media.Audio))
	for what, parameters := range map[string]Parameters{
		"no codec": {}, "a codec of pictures": parametersOf(media.Video, "1"),
	} {
		if err := sender.Send(parameters); !errors.Is(err, ErrUnsupportedCodec) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := sender.Send(parametersOf(media.Audio, "1")); err != nil {
		t.Error(err)
	}
	if err := sender.Send(parametersOf(media.Audio, "1")); !errors.Is(err, ErrInvalidState) {
		t.Errorf("twice: %v", err)
	}
	options := ReceiverOptions{Parameters: parametersOf(media.Audio, ""), Kind: media.Audio, Stream: Stream{SSRC: 7}}
	for what, change := range map[string]func(o *ReceiverOptions){
		"no SSRC":             func(o *ReceiverOptions) { o.Stream.SSRC = 0 },
		"no codec":            func(o *ReceiverOptions) { o.Parameters = Parameters{} },
		"a codec of pictures": func(o *ReceiverOptions) { o.Parameters = parametersOf(media.Video, "1") },
	} {
		bad := options
		change(&bad)
		if _, err := p.AddReceiver(bad); err == nil {
			t.Errorf("%s is taken", what)
		}
	}
	if _, err := p.AddReceiver(options); err != nil {
		t.Error(err)
	}
	if err := p.Close(); err != nil {
		t.Errorf("closing after refusals: %v", err)
	}
}
