package sink_test

import (
	"context"
	"errors"
	"math"
	"runtime"
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec/codectest"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/frames"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/sink"
)

// rawTrack hands raw pictures and sound to one reader.
type rawTrack struct {
	fakeTrack
	raw media.RawSink
}

func (r *rawTrack) AttachRaw(s media.RawSink) (media.Feed, error) {
	if r.Ended() {
		return nil, media.ErrTrackEnded
	}
	r.raw = s
	return fakeFeed{&r.fakeTrack}, nil
}

// codedTrack is a received one.
type codedTrack struct {
	fakeTrack
	codec media.Codec
}

func (c *codedTrack) Codec() media.Codec { return c.codec }

func (c *codedTrack) AttachReader(s media.Sink) (media.Feed, error) {
	return c.Attach(c.codec, media.EncodingSettings{}, s)
}

// reading is a reader, and what it told.
type reading struct {
	*sink.Reader
	ready chan struct{}
	ended chan error
}

func open(t *testing.T, track media.Track, options sink.ReaderOptions) *reading {
	t.Helper()
	var g goroutines
	r := &reading{ready: make(chan struct{}, 1), ended: make(chan error, 1)}
	options.Ready = func() {
		select {
		case r.ready <- struct{}{}:
		default:
		}
	}
	options.Ended = func(reason error) { r.ended <- reason }
	reader, err := sink.NewReader(track, options, g.start)
	if err != nil {
		t.Fatal(err)
	}
	r.Reader = reader
	t.Cleanup(func() {
		reader.Close()
		reader.Close()
		g.Wait()
	})
	return r
}

// next waits for a frame.
func (r *reading) next(t *testing.T) *frames.Frame {
	t.Helper()
	limit := time.After(20 * time.Second)
	for {
		frame, err := r.TakeFrame()
		if err != nil {
			t.Fatal(err)
		}
		if frame != nil {
			return frame
		}
		select {
		case <-r.ready:
		case <-limit:
			t.Fatal("no frame")
		}
	}
}

// all is what is left once the track has ended.
func (r *reading) all(t *testing.T) (all []*frames.Frame) {
	t.Helper()
	r.End(nil)
	if reason := <-r.ended; reason != nil {
		t.Errorf("it ended because of %v", reason)
	}
	for {
		frame, err := r.TakeFrame()
		if err != nil {
			t.Fatal(err)
		}
		if frame == nil {
			return all
		}
		all = append(all, frame)
	}
}

func tone(at time.Duration, length time.Duration, rate, channels int) *media.AudioFrame {
	frame := &media.AudioFrame{SampleRate: rate, Channels: channels, PTS: at}
	for i := range int(length * time.Duration(rate) / time.Second) {
		seconds := at.Seconds() + float64(i)/float64(rate)
		for range channels {
			frame.Samples = append(frame.Samples, int16(8000*math.Sin(2*math.Pi*440*seconds)))
		}
	}
	return frame
}

func TestAPictureAsItIsIsNotCopied(t *testing.T) {
	track := &rawTrack{fakeTrack: fakeTrack{kind: media.Video}}
	r := open(t, track, sink.ReaderOptions{})
	picture := codectest.Bars(64, 48, 1)
	freed := make(chan struct{})
	picture.Lend(func(*media.VideoFrame) { close(freed) })
	track.raw.WriteVideo(picture)
	frame := r.next(t)
	if frame.From != any(picture) || &frame.Planes[0][0] != &picture.Y[0] {
		t.Error("it was copied")
	}
	picture.Release()
	select {
	case <-freed:
		t.Fatal("its memory was given back while it is held")
	default:
	}
	frame.Release()
	<-freed
}

func TestPicturesFollowTheOptions(t *testing.T) {
	for _, test := range []struct {
		options       sink.VideoOptions
		width, height float64
	}{
		{sink.VideoOptions{}, 64, 48},
		{sink.VideoOptions{Width: 32}, 32, 24},
		{sink.VideoOptions{Height: 96}, 128, 96},
		{sink.VideoOptions{Width: 33, Height: 7, Format: frames.RGBA}, 33, 7},
		{sink.VideoOptions{Width: 1, Format: frames.NV12}, 1, 1},
	} {
		track := &rawTrack{fakeTrack: fakeTrack{kind: media.Video}}
		r := open(t, track, sink.ReaderOptions{Video: test.options})
		track.raw.WriteVideo(codectest.Bars(64, 48, 1))
		frame := r.next(t)
		if frame.Width != test.width || frame.Height != test.height {
			t.Errorf("%+v gave %vx%v", test.options, frame.Width, frame.Height)
		}
		frame.Release()
	}
}

func TestTimesNeverGoBack(t *testing.T) {
	video := &rawTrack{fakeTrack: fakeTrack{kind: media.Video}}
	r := open(t, video, sink.ReaderOptions{Room: 10})
	last := -1.0
	for _, at := range []time.Duration{time.Hour, time.Hour + time.Second, 0, time.Millisecond * 40, 0} {
		picture := codectest.Bars(64, 48, 1)
		picture.PTS = at
		video.raw.WriteVideo(picture)
		frame := r.next(t)
		if frame.Timestamp <= last {
			t.Errorf("%v µs after %v", frame.Timestamp, last)
		}
		last = frame.Timestamp
		frame.Release()
	}
}

func TestSoundIsCutEvenlyWhateverComes(t *testing.T) {
	for _, rate := range []int{8000, 16000, 44100, 48000} {
		track := &rawTrack{fakeTrack: fakeTrack{kind: media.Audio}}
		r := open(t, track, sink.ReaderOptions{Audio: sink.AudioOptions{
			SampleRate: rate, Channels: 1, Format: frames.F32, FrameDuration: 20 * time.Millisecond,
		}})
		at := time.Second
		for i := range 40 {
			piece := tone(at, time.Duration(7+i%5)*time.Millisecond, 48000, 2)
			track.raw.WriteAudio(piece)
			at += piece.Duration()
		}
		total := 0.0
		all := r.all(t)
		for i, frame := range all {
			if i < len(all)-1 && int(frame.Samples) != rate/50 {
				t.Errorf("%d Hz: a piece of %v samples", rate, frame.Samples)
			}
			if want := 1e6 + total/float64(rate)*1e6; math.Abs(frame.Timestamp-want) > 1 {
				t.Errorf("%d Hz: a piece at %v µs, want %v", rate, frame.Timestamp, want)
			}
			total += frame.Samples
			frame.Release()
		}
		if seconds := total / float64(rate); math.Abs(seconds-(at-time.Second).Seconds()) > 0.005 {
			t.Errorf("%d Hz: %v s of %v", rate, seconds, at-time.Second)
		}
	}
}

func TestSilenceThatWasNotSentIsOfItsLength(t *testing.T) {
	track := &rawTrack{fakeTrack: fakeTrack{kind: media.Audio}}
	r := open(t, track, sink.ReaderOptions{})
	// Of 400 ms; then of more than is stood for.
	for _, at := range []time.Duration{0, 20, 440, 5440, 5460} {
		track.raw.WriteAudio(tone(at*time.Millisecond, 20*time.Millisecond, 48000, 1))
	}
	samples, next := 0.0, 0.0
	jumps := 0
	for _, frame := range r.all(t) {
		if frame.Timestamp-next > 1 {
			jumps++
		}
		next = frame.Timestamp + frame.Duration
		samples += frame.Samples
		frame.Release()
	}
	if ms := samples / 48; ms != 500 {
		t.Errorf("%v ms of sound and silence, want 500", ms)
	}
	if jumps != 1 || next != 5480e3 {
		t.Errorf("%d jumps, and the end at %v µs", jumps, next)
	}
}

func TestPiecesAreOfOneLengthAcrossWhatWasNotSent(t *testing.T) {
	for _, rate := range []int{0, 16000} {
		track := &rawTrack{fakeTrack: fakeTrack{kind: media.Audio}}
		r := open(t, track, sink.ReaderOptions{Audio: sink.AudioOptions{SampleRate: rate, FrameDuration: 32 * time.Millisecond}})
		for _, at := range []time.Duration{0, 20, 40, 4060, 4080, 4100, 9000} {
			track.raw.WriteAudio(tone(at*time.Millisecond, 20*time.Millisecond, 48000, 1))
		}
		// Another layout goes on within the piece.
		track.raw.WriteAudio(tone(9020*time.Millisecond, 40*time.Millisecond, 48000, 2))
		last, jumps := 0.0, 0
		all := r.all(t)
		for i, frame := range all {
			if i < len(all)-1 && frame.Duration != 32000 {
				t.Errorf("%d Hz: a piece of %v µs", rate, frame.Duration)
			}
			if frame.Timestamp < last {
				t.Errorf("%d Hz: a piece at %v µs, within the one that ends at %v", rate, frame.Timestamp, last)
			}
			if frame.Timestamp-last > 1e6 {
				jumps++
			}
			last = frame.Timestamp + frame.Duration
			frame.Release()
		}
		if jumps != 2 || len(all) < 6 {
			t.Errorf("%d Hz: %d pieces, %d jumps", rate, len(all), jumps)
		}
	}
}

func TestWhatADisabledTrackGivesIsBlackAndSilent(t *testing.T) {
	video := &codedTrack{fakeTrack{kind: media.Video}, vp8}
	video.Enable(false)
	r := open(t, video, sink.ReaderOptions{})
	video.sink.WriteFrame(coded(t, 1)[0])
	frame := r.next(t)
	if frame.Width != 64 || frame.Planes[0][0] != 16 || frame.Planes[1][0] != 128 {
		t.Error("it is not black")
	}
	frame.Release()
	audio := &rawTrack{fakeTrack: fakeTrack{kind: media.Audio}}
	audio.Enable(false)
	r = open(t, audio, sink.ReaderOptions{})
	audio.raw.WriteAudio(tone(0, 20*time.Millisecond, 48000, 1))
	frame = r.next(t)
	for _, b := range frame.Planes[0] {
		if b != 0 {
			t.Fatal("it is not silent")
		}
	}
	frame.Release()
}

func TestWhatCameBeforeTheEndIsReadAndWhyItEndedIsTold(t *testing.T) {
	track := &codedTrack{fakeTrack{kind: media.Video}, vp8}
	r := open(t, track, sink.ReaderOptions{Room: 50})
	for _, frame := range coded(t, 20) {
		track.sink.WriteFrame(frame)
	}
	because := errors.New("the network is gone")
	r.End(because)
	if reason := <-r.ended; !errors.Is(reason, because) {
		t.Errorf("it ended because of %v", reason)
	}
	for i := range 20 {
		frame, err := r.TakeFrame()
		if err != nil || frame == nil {
			t.Fatalf("picture %d: %v", i, err)
		}
		frame.Release()
	}
}

func TestAReaderOfManyPicturesHoldsNoMemory(t *testing.T) {
	track := &rawTrack{fakeTrack: fakeTrack{kind: media.Video}}
	r := open(t, track, sink.ReaderOptions{Video: sink.VideoOptions{Format: frames.RGBA}})
	picture := codectest.Bars(640, 480, 1)
	var before, after runtime.MemStats
	for i := range 300 {
		if i == 50 {
			runtime.ReadMemStats(&before)
		}
		picture.PTS += 33 * time.Millisecond
		track.raw.WriteVideo(picture)
		r.next(t).Release()
	}
	runtime.ReadMemStats(&after)
	if made := after.TotalAlloc - before.TotalAlloc; made > 40<<20 {
		t.Errorf("%d MB were made for 250 pictures of 1.2 MB", made>>20)
	}
}

func TestOptionsThatCannotBeAreRefused(t *testing.T) {
	for _, options := range []sink.ReaderOptions{
		{Room: -1},
		{Room: 1001},
		{Video: sink.VideoOptions{Format: 99}},
		{Video: sink.VideoOptions{Width: -1}},
		{Video: sink.VideoOptions{Width: 8193}},
		{Video: sink.VideoOptions{Height: 8193}},
		{Video: sink.VideoOptions{MaxFrameRate: math.NaN()}},
		{Audio: sink.AudioOptions{Format: -1}},
		{Audio: sink.AudioOptions{SampleRate: 1}},
		{Audio: sink.AudioOptions{Channels: 99}},
		{Audio: sink.AudioOptions{FrameDuration: time.Hour}},
	} {
		kind := media.Video
		if options.Audio != (sink.AudioOptions{}) {
			kind = media.Audio
		}
		if _, err := sink.NewReader(&rawTrack{fakeTrack: fakeTrack{kind: kind}}, options, nil); !errors.Is(err, sink.ErrOptions) {
			t.Errorf("%+v: %v", options, err)
		}
	}
	most := sink.ReaderOptions{Room: 1000, Video: sink.VideoOptions{Width: 8192, Height: 8192}}
	reader, err := sink.NewReader(&rawTrack{fakeTrack: fakeTrack{kind: media.Video}}, most, func(string, func(context.Context)) {})
	if err != nil {
		t.Fatalf("as much as may be: %v", err)
	}
	reader.Close()
	if _, err := sink.NewReader(&fakeTrack{kind: media.Video}, sink.ReaderOptions{}, nil); !errors.Is(err, sink.ErrUnreadable) {
		t.Errorf("a track that can't be read: %v", err)
	}
}
