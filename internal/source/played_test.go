package source_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec/codectest"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/sink"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source"
)

// played is what arrived of a source, decoded, from its beginning to its end.
type played struct {
	pictures []shown
	// dropped are pictures that came too late on a busy machine.
	dropped int
	samples []int16
	// reasons of the ends.
	reasons []error
	took    time.Duration
}

// shown is one picture. The corners are looked at a quarter in from the sides,
// left to right and top to bottom.
type shown struct {
	width, height int
	pts           time.Duration
	corners       [4]codectest.Colour
	// combing is the mean difference of rows that are neighbours.
	combing float64
}

const playedRate = 48000

// playExactly is playThrough in time of its own: on a busy machine too no picture comes too late.
func playExactly(t *testing.T, spec source.Spec, audio, video bool) (p *played, err error) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { p, err = playThrough(newFixture(t), spec, audio, video) })
	return p, err
}

// playThrough plays a source to its end, decoded and coded again as VP8 and stereo
// Opus, on any goroutine.
func playThrough(f *fixture, spec source.Spec, audio, video bool) (*played, error) {
	transcode := true
	spec.Type, spec.Decode = "file", &transcode
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	begin := time.Now()
	opened, err := f.registry.Open(ctx, spec, audio, video)
	if err != nil {
		return nil, err
	}
	p := &played{}
	var mu sync.Mutex
	var taps []*sink.Tap
	var failure error
	handlers := sink.Handlers{
		Error: func(err error) {
			mu.Lock()
			defer mu.Unlock()
			failure = err
		},
		Audio: func(frame *media.AudioFrame) { p.samples = append(p.samples, frame.Samples...) },
		Video: func(frame *media.VideoFrame) { p.pictures = append(p.pictures, look(frame)) },
	}
	ends := make(chan error, 2)
	tap := func(track media.Track, c media.Codec) error {
		track.OnEnded(func(reason error) { ends <- reason })
		t, err := sink.NewTap(track, c, media.EncodingSettings{Stereo: true}, handlers, f.start)
		if err == nil {
			taps = append(taps, t)
			return nil
		}
		if errors.Is(err, media.ErrTrackEnded) {
			return nil
		}
		return err
	}
	waiting := 0
	for _, one := range []struct {
		wanted bool
		track  media.Track
		codec  media.Codec
	}{{audio, opened.Audio, opus}, {video, opened.Video, vp8}} {
		if one.wanted {
			waiting++
			err = errors.Join(err, tap(one.track, one.codec))
		}
	}
	for ; waiting > 0 && err == nil; waiting-- {
		select {
		case reason := <-ends:
			p.reasons = append(p.reasons, reason)
		case <-ctx.Done():
			err = fmt.Errorf("no end within %v", patience)
		}
	}
	p.took = time.Since(begin)
	for _, tap := range taps {
		for stats := tap.Stats(); stats.Decoded+stats.Dropped+stats.Failed < stats.Received && ctx.Err() == nil; stats = tap.Stats() {
			time.Sleep(time.Millisecond)
		}
		p.dropped += int(tap.Feed().Stats().FramesDropped)
		tap.Close()
	}
	for _, track := range []media.Track{opened.Audio, opened.Video} {
		if track != nil {
			track.Stop()
		}
	}
	return p, errors.Join(err, failure)
}

func look(f *media.VideoFrame) shown {
	s := shown{width: f.Width, height: f.Height, pts: f.PTS}
	for i := range s.corners {
		s.corners[i] = codectest.At(f, f.Width/4+i%2*f.Width/2, f.Height/4+i/2*f.Height/2)
	}
	for y := range f.Height - 1 {
		s.combing += math.Abs(float64(f.Y[y*f.YStride+f.Width/2]) - float64(f.Y[(y+1)*f.YStride+f.Width/2]))
	}
	s.combing /= float64(f.Height - 1)
	return s
}

// soundLength is how long the sound is that arrived.
func (p *played) soundLength() time.Duration {
	return time.Duration(len(p.samples)/2) * time.Second / playedRate
}

// pictureLength is up to the end of the last picture.
func (p *played) pictureLength() time.Duration {
	if len(p.pictures) < 2 {
		return 0
	}
	last := p.pictures[len(p.pictures)-1].pts
	return last + last/time.Duration(len(p.pictures)-1)
}

// tone gives the share of a tone in the middle of the sound, and its level in dB
// below full scale.
func (p *played) tone(hz float64) (share, level float64) {
	middle := p.samples[len(p.samples)/8*2 : len(p.samples)*3/8*2]
	energy := 0.0
	for _, s := range middle {
		energy += float64(s) * float64(s)
	}
	level = 20 * math.Log10(math.Sqrt(energy/float64(max(len(middle), 1)))/math.MaxInt16)
	return codectest.ToneShare(middle, playedRate, 2, hz), level
}
