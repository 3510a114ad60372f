package source_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec/codectest"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/sink"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source"
)

// flash and beep mark the beginning of a clip: the pictures of its first 120 ms are
// white, the sound of its first 100 ms is a tone. All else is black and silent.
func flash(seconds string) []string {
	return []string{"-f", "lavfi", "-i", "color=black:s=64x64:r=25:d=" + seconds +
		",drawbox=c=white:t=fill:enable='lt(t,0.119)'"}
}

func beep(seconds string) []string {
	return []string{"-f", "lavfi", "-i", "aevalsrc='if(lt(t,0.1),0.7*sin(2*PI*1000*t),0)':s=48000:d=" + seconds}
}

// heard is what came of a source that was played for a while, on a clock that the
// test moves on (testing/synctest).
type heard struct {
	mu sync.Mutex
	// flashes and beeps are when marks began, by the times of the frames.
	flashes, beeps []time.Duration
	// sent are the coded frames' times, and came when they came.
	sent, came map[media.Kind][]time.Duration
	// ended tells of tracks that ended.
	ended map[media.Kind]error

	bright  bool
	silence int
	begin   time.Time
}

func newHeard() *heard {
	return &heard{
		sent: make(map[media.Kind][]time.Duration), came: make(map[media.Kind][]time.Duration),
		ended: make(map[media.Kind]error), silence: playedRate, begin: time.Now(),
	}
}

func (h *heard) picture(frame *media.VideoFrame) {
	h.mu.Lock()
	defer h.mu.Unlock()
	bright := codectest.At(frame, frame.Width/2, frame.Height/2).Y > 150
	if bright && !h.bright {
		h.flashes = append(h.flashes, frame.PTS)
	}
	h.bright = bright
}

func (h *heard) sound(frame *media.AudioFrame) {
	const loud, rest = 4000, playedRate / 5
	h.mu.Lock()
	defer h.mu.Unlock()
	for i := 0; i < len(frame.Samples); i += frame.Channels {
		if s := frame.Samples[i]; s < loud && s > -loud {
			h.silence++
			continue
		}
		if h.silence > rest {
			h.beeps = append(h.beeps, frame.PTS+time.Duration(i/frame.Channels)*time.Second/playedRate)
		}
		h.silence = 0
	}
}

// counted is a track whose frames are counted on their way.
type counted struct {
	media.Track
	heard *heard
}

func (c counted) Attach(codec media.Codec, settings media.EncodingSettings, sink media.Sink) (media.Feed, error) {
	return c.Track.Attach(codec, settings, count{c.heard, c.Kind(), sink})
}

type count struct {
	heard *heard
	kind  media.Kind
	media.Sink
}

func (c count) WriteFrame(frame *media.EncodedFrame) {
	c.heard.mu.Lock()
	c.heard.sent[c.kind] = append(c.heard.sent[c.kind], frame.PTS)
	c.heard.came[c.kind] = append(c.heard.came[c.kind], time.Since(c.heard.begin))
	c.heard.mu.Unlock()
	c.Sink.WriteFrame(frame)
}

// listen reads a track, coded as c, for as long as the test goes on.
func (h *heard) listen(t *testing.T, f *fixture, track media.Track, c media.Codec) {
	t.Helper()
	kind := track.Kind()
	track.OnEnded(func(reason error) {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.ended[kind] = reason
	})
	settings := media.EncodingSettings{Stereo: true}
	tap, err := sink.NewTap(counted{track, h}, c, settings, sink.Handlers{
		Video: h.picture, Audio: h.sound,
		Error: func(err error) { t.Error(err) },
	}, f.start)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(tap.Close)
}

// playFor plays tracks of a source, coded as the codecs, for some time.
func playFor(t *testing.T, f *fixture, spec source.Spec, length time.Duration, codecs ...media.Codec) *heard {
	t.Helper()
	opened := openFor(t, f, spec, codecs...)
	h := newHeard()
	var releases []func()
	for _, c := range codecs {
		track := trackFor(opened, c)
		// A source plays from when anybody reads it: what it begins with is not to be lost until all do.
		if release := track.(media.Holder).Hold(); release != nil {
			releases = append(releases, release)
		}
		h.listen(t, f, track, c)
	}
	for _, release := range releases {
		release()
	}
	sleep(t.Context(), length)
	return h
}

// sleep is a time on the clock of the bubble.
func sleep(ctx context.Context, length time.Duration) {
	select {
	case <-time.After(length):
	case <-ctx.Done():
	}
}

func openFor(t *testing.T, f *fixture, spec source.Spec, codecs ...media.Codec) *source.Opened {
	t.Helper()
	audio, video := false, false
	for _, c := range codecs {
		audio = audio || c.Channels > 0
		video = video || c.Channels == 0
	}
	return f.open(t, spec, audio, video)
}

func trackFor(opened *source.Opened, c media.Codec) media.Track {
	if c.Channels > 0 {
		return opened.Audio
	}
	return opened.Video
}

// checkNoHole fails where the frames of a kind come further apart than most, or
// not when their times say.
func (h *heard) checkNoHole(t *testing.T, kind media.Kind, most time.Duration) {
	t.Helper()
	sent, came := h.sent[kind], h.came[kind]
	if len(sent) == 0 {
		t.Errorf("no %v came", kind)
		return
	}
	for i := 1; i < len(sent); i++ {
		if d := sent[i] - sent[i-1]; d <= 0 || d > most {
			t.Errorf("%v: %v from %v to the next frame", kind, d, sent[i-1])
		}
		if d := came[i] - came[i-1]; d > most+60*time.Millisecond {
			t.Errorf("%v: nothing came for %v at %v", kind, d, came[i-1])
		}
	}
	late := (came[len(came)-1] - came[0]) - (sent[len(sent)-1] - sent[0])
	if late > 60*time.Millisecond || late < -60*time.Millisecond {
		t.Errorf("%v is %v late at the end", kind, late)
	}
}

// checkRounds fails where there are not as many marks as rounds, where rounds
// are not of the given length, to the nearest 100 ms, or differ, or where the two kinds are further apart than they were at first.
// A kind without marks is not looked at.
func (h *heard) checkRounds(t *testing.T, rounds int, round, apart time.Duration) {
	t.Helper()
	const most = 40 * time.Millisecond
	for kind, marks := range map[media.Kind][]time.Duration{media.Video: h.flashes, media.Audio: h.beeps} {
		if len(marks) == 0 {
			continue
		}
		if len(marks) < rounds {
			t.Errorf("%d marks of %v, want %d: %v", len(marks), kind, rounds, marks)
			return
		}
		length := (marks[rounds-1] - marks[0]) / time.Duration(rounds-1)
		if length.Round(100*time.Millisecond) != round {
			t.Errorf("rounds of %v take %v, want %v", kind, length, round)
		}
		for i, at := range marks[:rounds] {
			if d := at - marks[0] - time.Duration(i)*length; d > most || d < -most {
				t.Errorf("mark %d of %v is %v off: %v", i, kind, d, marks)
				return
			}
		}
	}
	for i := range min(len(h.flashes), len(h.beeps)) {
		if d := h.beeps[i] - h.flashes[i] - apart; d > most || d < -most {
			t.Errorf("in round %d sound is %v off", i, d)
			return
		}
	}
}
