package container

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/refusal"
)

// The options that choose among several streams of a kind, by their number
// among those of the kind, from 0.
const (
	// OptionAudioStream is that of sound.
	OptionAudioStream = "audio_stream"
	// OptionVideoStream is that of pictures.
	OptionVideoStream = "video_stream"
)

// mostStreamNumber bounds what an option may ask for.
const mostStreamNumber = 9999

// IsChoice reports whether the option of that name chooses a stream.
func IsChoice(name string) bool { return name == OptionAudioStream || name == OptionVideoStream }

// CheckChoice refuses what is no number of a stream.
func CheckChoice(name, value string) error {
	n, err := strconv.Atoi(value)
	if err != nil || n < 0 || n > mostStreamNumber {
		return &refusal.Error{Kind: refusal.ErrInvalid, Message: fmt.Sprintf(
			"option %q is %q: expected the number of a stream among those of its kind, from 0", name, refusal.Shorten(value))}
	}
	return nil
}

// choose takes the streams that the options name.
func (c *Container) choose(options map[string]string) error {
	for name, value := range options {
		if !IsChoice(name) {
			continue
		}
		if err := CheckChoice(name, value); err != nil {
			return err
		}
		number, _ := strconv.Atoi(value)
		kind, into := media.Audio, &c.audio
		if name == OptionVideoStream {
			kind, into = media.Video, &c.video
		}
		streams := c.streamsOf(kind)
		if number >= len(streams) {
			return &refusal.Error{Kind: refusal.ErrNotSupported, Message: fmt.Sprintf(
				"%s has no %v stream %d: %s; choose one of these with the option %q",
				c.name, kind, number, listStreams(kind, streams), name)}
		}
		*into = &streams[number]
	}
	return nil
}

// prefer gives the stream that is played where nothing was chosen: one that can
// be decoded, then one that the file marks as default, then the first.
func prefer(streams []av.Stream) *av.Stream {
	var best *av.Stream
	rank := func(s *av.Stream) int {
		n := s.Preference()
		if s.Decodable() {
			n += 10
		}
		return n
	}
	for i := range streams {
		if best == nil || rank(&streams[i]) > rank(best) {
			best = &streams[i]
		}
	}
	return best
}

func (c *Container) streamsOf(kind media.Kind) []av.Stream {
	var streams []av.Stream
	for _, stream := range c.demuxer.Streams() {
		if stream.Kind == kind {
			streams = append(streams, stream)
		}
	}
	return streams
}

// listStreams names what there is, as far as a message can hold it.
func listStreams(kind media.Kind, streams []av.Stream) string {
	if len(streams) == 0 {
		return fmt.Sprintf("it holds no %v", kind)
	}
	const most = 20
	var names []string
	for i, stream := range streams {
		if i == most {
			names = append(names, fmt.Sprintf("and %d more", len(streams)-most))
			break
		}
		names = append(names, fmt.Sprintf("%d (%s)", i, describe(stream)))
	}
	return "it holds " + strings.Join(names, ", ")
}

// describe says what a stream is: h264 640x480, aac 48000 Hz.
func describe(s av.Stream) string {
	switch {
	case s.Width > 0 && s.Height > 0:
		return fmt.Sprintf("%s %dx%d", s.Codec, s.Width, s.Height)
	case s.SampleRate > 0:
		return fmt.Sprintf("%s %d Hz", s.Codec, s.SampleRate)
	default:
		return s.Codec
	}
}
