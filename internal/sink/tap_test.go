package sink_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec/codectest"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/sink"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fakeTrack hands what the test gives it to one sink.
type fakeTrack struct {
	media.Life
	kind media.Kind
	mu   sync.Mutex
	sink media.Sink
	// requests counts those for a keyframe.
	requests int
}

func (f *fakeTrack) ID() string { return "fake" }

func (f *fakeTrack) Kind() media.Kind { return f.kind }

func (f *fakeTrack) Attach(_ media.Codec, _ media.EncodingSettings, s media.Sink) (media.Feed, error) {
	if f.Ended() {
		return nil, media.ErrTrackEnded
	}
	f.sink = s
	return fakeFeed{f}, nil
}

func (f *fakeTrack) SetEnabled(bool) {}

func (f *fakeTrack) Stop() { f.End(nil) }

type fakeFeed struct{ *fakeTrack }

func (f fakeFeed) RequestKeyframe() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.requests++
}

func (f fakeFeed) SetTargetBitrate(int) {}

func (f fakeFeed) Stats() media.FeedStats { return media.FeedStats{} }

func (f fakeFeed) Close() {}

type goroutines struct {
	sync.WaitGroup
}

func (g *goroutines) start(_ string, f func(context.Context)) {
	g.Go(func() { f(context.Background()) })
}

var vp8 = media.Codec{MimeType: codec.MimeVP8}

// coded gives n pictures, a keyframe each ten.
func coded(t *testing.T, n int) []*media.EncodedFrame {
	t.Helper()
	encoder, _, err := codec.NewVideoEncoder(vp8, codec.VideoSettings{})
	if err != nil {
		t.Fatal(err)
	}
	defer encoder.Close()
	var frames []*media.EncodedFrame
	for i := range n {
		data, keyframe, err := encoder.Encode(codectest.Bars(64, 48, i), i%10 == 0)
		if err != nil {
			t.Fatal(err)
		}
		frames = append(frames, &media.EncodedFrame{Data: data, Keyframe: keyframe, PTS: time.Duration(i) * time.Second / 30})
	}
	return frames
}

func TestATapDecodesWhatComes(t *testing.T) {
	var g goroutines
	defer g.Wait()
	track := &fakeTrack{kind: media.Video}
	pictures := make(chan time.Duration, 100)
	tap, err := sink.NewTap(track, vp8, media.EncodingSettings{}, sink.Handlers{
		Video: func(frame *media.VideoFrame) { pictures <- frame.PTS },
	}, g.start)
	if err != nil {
		t.Fatal(err)
	}
	frames := coded(t, 20)
	for _, frame := range frames {
		track.sink.WriteFrame(frame)
	}
	for _, frame := range frames {
		select {
		case pts := <-pictures:
			if pts != frame.PTS.Truncate(time.Microsecond) {
				t.Errorf("a picture of %v, want %v", pts, frame.PTS)
			}
		case <-time.After(5 * time.Second):
			t.Fatal("no picture")
		}
	}
	tap.Close()
	tap.Close()
	track.sink.WriteFrame(frames[0])
	if stats := tap.Stats(); stats.Received != 20 || stats.Dropped != 0 || stats.Failed != 0 {
		t.Errorf("stats %+v", stats)
	}
	if len(pictures) != 0 {
		t.Error("a picture after Close")
	}
}

func TestASlowHandlerLosesUpToAKeyframeAndKeepsNoQueue(t *testing.T) {
	var g goroutines
	defer g.Wait()
	track := &fakeTrack{kind: media.Video}
	entered, leave := make(chan struct{}, 1), make(chan struct{})
	decoded := make(chan time.Duration, 200)
	tap, err := sink.NewTap(track, vp8, media.EncodingSettings{}, sink.Handlers{
		Video: func(frame *media.VideoFrame) {
			select {
			case entered <- struct{}{}:
			default:
			}
			<-leave
			decoded <- frame.PTS
		},
		Error: func(err error) { t.Error(err) },
	}, g.start)
	if err != nil {
		t.Fatal(err)
	}
	defer tap.Close()
	frames := coded(t, 155)
	track.sink.WriteFrame(frames[0])
	<-entered
	for _, frame := range frames[1:] {
		track.sink.WriteFrame(frame)
	}
	close(leave)
	last := frames[len(frames)-1].PTS.Truncate(time.Microsecond)
	for pts := time.Duration(-1); pts != last; {
		select {
		case pts = <-decoded:
		case <-time.After(5 * time.Second):
			t.Fatal("the last picture did not come")
		}
	}
	stats := tap.Stats()
	if stats.Received != 155 || stats.Dropped < 60 {
		t.Errorf("stats %+v", stats)
	}
	track.mu.Lock()
	defer track.mu.Unlock()
	if track.requests == 0 {
		t.Error("no keyframe was asked for")
	}
}

func TestWhatCannotBeDecodedIsToldAndSkipped(t *testing.T) {
	var g goroutines
	defer g.Wait()
	track := &fakeTrack{kind: media.Video}
	failures, pictures := make(chan error, 10), make(chan struct{}, 10)
	tap, err := sink.NewTap(track, vp8, media.EncodingSettings{}, sink.Handlers{
		Video: func(*media.VideoFrame) { pictures <- struct{}{} },
		Error: func(err error) { failures <- err },
	}, g.start)
	if err != nil {
		t.Fatal(err)
	}
	defer tap.Close()
	track.sink.WriteFrame(&media.EncodedFrame{Data: []byte{1, 2}, Keyframe: true})
	<-failures
	track.sink.WriteFrame(coded(t, 1)[0])
	<-pictures
	if tap.Stats().Failed != 1 {
		t.Errorf("stats %+v", tap.Stats())
	}
}

func TestAKeyframeThatWaitsIsGoneOnFromWhenOneBeforeCannotBeDecoded(t *testing.T) {
	var g goroutines
	defer g.Wait()
	track := &fakeTrack{kind: media.Video}
	pictures, more := make(chan struct{}), make(chan struct{})
	tap, err := sink.NewTap(track, vp8, media.EncodingSettings{}, sink.Handlers{
		Video: func(*media.VideoFrame) {
			pictures <- struct{}{}
			<-more
		},
	}, g.start)
	if err != nil {
		t.Fatal(err)
	}
	defer tap.Close()
	defer close(more)
	group := coded(t, 3)
	track.sink.WriteFrame(group[0])
	<-pictures
	// While the first is looked at, these come.
	track.sink.WriteFrame(&media.EncodedFrame{Data: []byte{1, 2}})
	track.sink.WriteFrame(group[0])
	more <- struct{}{}
	<-pictures
	for _, frame := range group[1:] {
		track.sink.WriteFrame(frame)
	}
	for range group[1:] {
		more <- struct{}{}
		select {
		case <-pictures:
		case <-time.After(20 * time.Second):
			t.Fatalf("no picture: %+v", tap.Stats())
		}
	}
	if stats := tap.Stats(); stats.Failed != 1 || stats.Dropped != 0 {
		t.Errorf("stats %+v", stats)
	}
}

func TestATapOfAnEndedTrackFailsAndATapThatNeverRanCloses(t *testing.T) {
	track := &fakeTrack{kind: media.Audio}
	opus := media.Codec{MimeType: codec.MimeOpus}
	tap, err := sink.NewTap(track, opus, media.EncodingSettings{}, sink.Handlers{}, func(string, func(context.Context)) {})
	if err != nil {
		t.Fatal(err)
	}
	for range 100 {
		track.sink.WriteFrame(&media.EncodedFrame{Data: []byte{0}})
	}
	if stats := tap.Stats(); stats.Dropped != 50 {
		t.Errorf("stats %+v", stats)
	}
	tap.Close()
	tap.Close()
	track.Stop()
	if _, err := sink.NewTap(track, opus, media.EncodingSettings{}, sink.Handlers{}, nil); err == nil {
		t.Error("a tap of an ended track")
	}
	if _, err := sink.NewTap(track, vp8, media.EncodingSettings{}, sink.Handlers{}, nil); err == nil {
		t.Error("a tap in a codec of the other kind")
	}
}

func TestATapThatFinishedNeedsNothingAnyMore(t *testing.T) {
	var g goroutines
	track := &fakeTrack{kind: media.Video}
	pictures := 0
	tap, err := sink.NewTap(track, vp8, media.EncodingSettings{}, sink.Handlers{
		Video: func(*media.VideoFrame) { pictures++ },
	}, g.start)
	if err != nil {
		t.Fatal(err)
	}
	for _, frame := range coded(t, 3) {
		track.sink.WriteFrame(frame)
	}
	finished := make(chan int, 1)
	tap.Finish(func() { finished <- pictures })
	if n := <-finished; n != 3 {
		t.Errorf("finished after %d pictures", n)
	}
	// Its goroutine ends by itself, and with it the decoder.
	g.Wait()
	track.sink.WriteFrame(coded(t, 1)[0])
	tap.Close()
	if stats := tap.Stats(); stats.Received != 3 {
		t.Errorf("stats %+v", stats)
	}
}
