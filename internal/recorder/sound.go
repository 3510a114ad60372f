package recorder

import (
	"encoding/binary"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

const (
	// gap is how much is missing before something is written for it that nobody says is lost: less is how packets come.
	gap = 60 * time.Millisecond
	// mostConcealed is how much the decoder is asked for; the rest is silence.
	mostConcealed = time.Second
)

// sound decodes a track to PCM of 16 bits, without a hole.
type sound struct {
	decoder        codec.AudioDecoder
	rate, channels int
	// gaps knows the time up to which samples were written.
	gaps codec.Gaps
}

func newSound(c media.Codec) (*sound, error) {
	decoder, err := codec.NewAudioDecoder(c)
	if err != nil {
		return nil, err
	}
	s := &sound{decoder: decoder, rate: 48_000, channels: 2, gaps: codec.Gaps{Uneven: gap}}
	if described, _ := describe(c, nil); described.Codec != "opus" {
		s.rate, s.channels = described.SampleRate, described.Channels
	}

	return s, nil
}

func (s *sound) stream() av.OutputStream {
	return av.OutputStream{Codec: "pcm_s16le", SampleRate: s.rate, Channels: s.channels}
}

func (s *sound) write(muxer *av.Muxer, next item) error {
	if err := s.conceal(muxer, next); err != nil {
		return err
	}
	decoded, err := s.decoder.Decode(next.frame.Data, next.frame.PTS)
	if err != nil || decoded == nil {
		s.gaps.Damaged()

		return nil //nolint:nilerr // the recording goes on
	}
	if !s.gaps.Begun() {
		s.gaps.Heard(next.at)
	}
	for next.at-s.gaps.End() > gap {
		if err := s.put(muxer, make([]int16, s.rate/50*s.channels)); err != nil {
			return err
		}
	}

	return s.put(muxer, decoded.Samples)
}

// conceal writes what stands for packets that are missing before one.
func (s *sound) conceal(muxer *av.Muxer, next item) error {
	missing := s.gaps.Before(next.at, next.frame.Lost)
	if missing == 0 {
		return nil
	}
	packet := next.frame.Data
	if missing > mostConcealed {
		// What it repeats is not of here.
		missing, packet = mostConcealed, nil
	}
	concealed, err := s.decoder.Conceal(missing, packet, s.gaps.End())
	if err != nil || concealed == nil {
		return nil //nolint:nilerr // silence stands for it then
	}

	return s.put(muxer, concealed.Samples)
}

func (s *sound) put(muxer *av.Muxer, samples []int16) error {
	data := make([]byte, 0, 2*len(samples))
	for _, sample := range samples {
		data = binary.LittleEndian.AppendUint16(data, uint16(sample)) //nolint:gosec // two's complement is meant
	}
	length := time.Duration(len(samples)/s.channels) * time.Second / time.Duration(s.rate)
	at := s.gaps.End()
	s.gaps.Heard(at + length)

	return muxer.Write(0, data, at, length, true)
}

func (s *sound) close() { _ = s.decoder.Close() }
