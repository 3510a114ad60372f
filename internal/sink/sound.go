package sink

import (
	"fmt"
	"slices"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/frames"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

const (
	// mostUneven is how far sound may be from its time: clocks jitter, and samples follow each other evenly.
	mostUneven = 40 * time.Millisecond
	// mostSilence stands for sound that was not sent; of a longer gap the time goes on.
	mostSilence = time.Second
	mostPiece   = time.Second
)

// AudioOptions is how sound is to be; 0 is as it is.
type AudioOptions struct {
	SampleRate, Channels int
	// Format; 0 is S16.
	Format frames.SampleFormat
	// FrameDuration of each piece; 0 is as it comes.
	FrameDuration time.Duration
}

// sound makes frames of sound: without gaps, and of even length where that is asked for.
type sound struct {
	options   AudioOptions
	resampler *av.Resampler
	// rate and channels are of samples, and at is the time of the first of them. next is when the sound that came
	// ends, as its own clock has it, and last when what came last began.
	rate, channels int
	samples        []int16
	begun          bool
	at             time.Duration
	given          int64
	next, last     time.Duration
}

func newSound(o AudioOptions) (*sound, error) {
	if o.Format == 0 {
		o.Format = frames.S16
	}
	switch {
	case !o.Format.Known():
		return nil, fmt.Errorf("%w: audio.format: there is none of number %d", ErrOptions, o.Format)
	case o.SampleRate != 0 && (o.SampleRate < 3000 || o.SampleRate > 192000):
		return nil, fmt.Errorf("%w: audio.sampleRate: %d Hz, of 3000 to 192000", ErrOptions, o.SampleRate)
	case o.Channels < 0 || o.Channels > 8:
		return nil, fmt.Errorf("%w: audio.numberOfChannels: %d, of 8 at the most", ErrOptions, o.Channels)
	case o.FrameDuration != 0 && (o.FrameDuration < time.Millisecond || o.FrameDuration > mostPiece):
		return nil, fmt.Errorf("%w: audio.frameDuration: %v, of 1 ms to %v", ErrOptions, o.FrameDuration, mostPiece)
	}
	return &sound{options: o}, nil
}

// write takes sound, and gives what it completes to put.
func (s *sound) write(frame *media.AudioFrame, enabled bool, put func(*frames.Frame)) error {
	if len(frame.Samples) == 0 || frame.Channels <= 0 || frame.SampleRate <= 0 {
		return nil
	}
	if err := s.prepare(frame); err != nil {
		return err
	}
	gap := frame.PTS - s.next
	switch {
	case !s.begun:
		s.begun, s.at, s.next = true, frame.PTS, frame.PTS
	case gap > mostSilence:
		if err := s.drain(); err != nil {
			return err
		}
		// What fills the piece is of the gap.
		end := s.end() + gap
		s.complete(put)
		s.at, s.given = end, 0
	case gap > mostUneven:
		silence := make([]int16, int(gap*time.Duration(frame.SampleRate)/time.Second)*frame.Channels)
		if err := s.add(silence, frame); err != nil {
			return err
		}
	}
	// Of a clock that began anew the sound goes on; small steps add up until they count. What is stamped as late as it
	// came is as long as ever: it ends after its time, and the next gap is that much shorter.
	if gap < -mostSilence || gap > mostUneven || frame.PTS < s.last {
		s.next = frame.PTS
	}
	s.last = frame.PTS
	s.next += frame.Duration()
	samples := frame.Samples
	if !enabled {
		samples = make([]int16, len(samples))
	}
	if err := s.add(samples, frame); err != nil {
		return err
	}
	s.cut(put)
	return nil
}

// prepare follows what the sound is.
func (s *sound) prepare(frame *media.AudioFrame) error {
	if s.resampler != nil && !s.resampler.FollowsSamples(frame.SampleRate, frame.Channels) {
		if err := s.drain(); err != nil {
			return err
		}
	}
	rate, channels := s.options.SampleRate, s.options.Channels
	if rate == 0 {
		rate = frame.SampleRate
	}
	if channels == 0 {
		channels = frame.Channels
	}
	if s.rate == rate && s.channels == channels {
		return nil
	}
	// What is less than a piece becomes what follows.
	s.at, s.given = s.at+s.played(s.given), 0
	rest, like := slices.Clone(s.samples), media.AudioFrame{SampleRate: s.rate, Channels: s.channels}
	s.close()
	s.rate, s.channels, s.samples = rate, channels, s.samples[:0]
	s.resampler = av.NewResampler(rate, channels)
	if len(rest) == 0 {
		return nil
	}
	if err := s.add(rest, &like); err != nil {
		return err
	}
	return s.drain()
}

// drain takes what the resampler holds back, to join it with what comes: it is of what came.
func (s *sound) drain() error {
	if s.resampler == nil {
		return nil
	}
	rest, err := s.resampler.Flush()
	s.samples = append(s.samples, rest...)
	return err
}

func (s *sound) add(samples []int16, like *media.AudioFrame) error {
	if like.SampleRate != s.rate || like.Channels != s.channels {
		converted, err := s.resampler.ConvertSamples(samples, like.SampleRate, like.Channels)
		if err != nil {
			return err
		}
		samples = converted
	}
	s.samples = append(s.samples, samples...)
	return nil
}

// cut gives whole pieces to put.
func (s *sound) cut(put func(*frames.Frame)) {
	piece := s.piece()
	if piece == 0 {
		piece = min(len(s.samples)/s.channels, s.rate/10)
	}
	begin := 0
	for piece > 0 && len(s.samples)-begin >= piece*s.channels {
		end := begin + piece*s.channels
		s.give(s.samples[begin:end], put)
		begin = end
		if s.options.FrameDuration == 0 {
			piece = min(piece, (len(s.samples)-begin)/s.channels)
		}
	}
	s.samples = append(s.samples[:0], s.samples[begin:]...)
}

// piece is how many samples of each channel are asked for; 0 is as they come.
func (s *sound) piece() int {
	if s.options.FrameDuration == 0 {
		return 0
	}
	return max(int(s.options.FrameDuration*time.Duration(s.rate)/time.Second), 1)
}

// complete gives all that waits, the last piece made whole with silence.
func (s *sound) complete(put func(*frames.Frame)) {
	s.cut(put)
	if piece := s.piece() * s.channels; len(s.samples) > 0 && len(s.samples) < piece {
		s.samples = append(s.samples, make([]int16, piece-len(s.samples))...)
	}
	s.flush(put)
}

// finish gives all that is left, the last piece however short.
func (s *sound) finish(put func(*frames.Frame)) error {
	err := s.drain()
	if s.channels > 0 {
		s.cut(put)
	}
	s.flush(put)
	return err
}

// flush gives what is left, however short.
func (s *sound) flush(put func(*frames.Frame)) {
	if len(s.samples) > 0 {
		s.give(s.samples, put)
	}
	s.samples = s.samples[:0]
}

func (s *sound) give(samples []int16, put func(*frames.Frame)) {
	count := len(samples) / s.channels
	frame, err := frames.Make(frames.Head{
		Kind: frames.KindAudio, Format: float64(s.options.Format), SampleRate: float64(s.rate),
		Channels: float64(s.channels), Samples: float64(count),
		Timestamp: frames.Microseconds(s.at + s.played(s.given)), Duration: frames.Microseconds(s.played(int64(count))),
	})
	s.given += int64(count)
	// Whole seconds are added up: sound may go on for years.
	s.at += time.Duration(s.given/int64(s.rate)) * time.Second
	s.given %= int64(s.rate)
	if err != nil {
		return
	}
	for channel, plane := range frame.Planes {
		if s.options.Format.Planar() {
			writeSamples(s.options.Format, plane, samples[channel:], s.channels)
		} else {
			writeSamples(s.options.Format, plane, samples, 1)
		}
	}
	put(frame)
}

// end is when what was taken ends.
func (s *sound) end() time.Duration {
	return s.at + s.played(s.given+int64(len(s.samples)/max(s.channels, 1)))
}

// played is how long samples of each channel last.
func (s *sound) played(count int64) time.Duration {
	return time.Duration(count) * time.Second / time.Duration(max(s.rate, 1))
}

func (s *sound) close() {
	if s.resampler != nil {
		s.resampler.Close()
		s.resampler = nil
	}
}
