// Package codec turns raw frames into coded ones and back: libvpx, OpenH264,
// libaom, libopus and FFmpeg behind two pairs of interfaces. codectest holds what all
// of them have to do alike.
//
// Encoders and decoders are not safe for concurrent use. Close may be called
// twice; everything else fails with ErrClosed after it.
package codec

import (
	"strings"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// The MIME types that can be encoded and decoded.
const (
	MimeVP8  = "video/VP8"
	MimeVP9  = "video/VP9"
	MimeH264 = "video/H264"
	MimeAV1  = "video/AV1"
	MimeOpus = "audio/opus"
	// MimeMultiopus is Opus of more than two channels, as libwebrtc and mediasoup name it.
	MimeMultiopus = "audio/multiopus"
	MimePCMU      = "audio/PCMU"
	MimePCMA      = "audio/PCMA"
	MimeG722      = "audio/G722"
)

// MimeH265 is decoded only.
const MimeH265 = "video/H265"

// FrameDuration is how much sound a packet holds unless it is asked for otherwise.
const FrameDuration = 20 * time.Millisecond

// VideoEncoder encodes pictures in real time. Keyframes come first, on
// request, and when the size of the pictures changes.
type VideoEncoder interface {
	// Encode gives the access unit (as in media.EncodedFrame), which is the caller's,
	// or no data where rate control left the picture out.
	Encode(frame *media.VideoFrame, forceKeyframe bool) (data []byte, keyframe bool, err error)
	// Layers are those of the picture that Encode gave last, as in media.EncodedFrame.
	Layers() []media.FrameLayer
	// SetBitrate in bits a second, of all layers together, takes effect with the
	// next picture.
	SetBitrate(bitsPerSecond int) error
	Close() error
}

// AudioEncoder encodes sound.
type AudioEncoder interface {
	// SampleRate and Channels are those of the samples that Encode takes.
	SampleRate() int
	Channels() int
	// FrameDuration is how much sound each packet holds.
	FrameDuration() time.Duration
	// Encode takes FrameDuration of interleaved samples and gives one packet, which
	// is the caller's; or nothing, where DTX is on and there is silence.
	Encode(samples []int16) ([]byte, error)
	// SetBitrate in bits a second takes effect with the next packet. Codecs of
	// constant bitrate ignore it.
	SetBitrate(bitsPerSecond int) error
	Close() error
}

// VideoDecoder decodes access units as they come from the network.
type VideoDecoder interface {
	// Decode gives the pictures that came of data. The slice is lent until the
	// next call; of each picture the caller holds one reference. After an error
	// decoding goes on with the next access unit, best a keyframe.
	Decode(data []byte, pts time.Duration) ([]*media.VideoFrame, error)
	Close() error
}

// AudioDecoder decodes packets as they come from the network.
type AudioDecoder interface {
	// Decode gives the sound of one packet, lent until the next call; nil if
	// none came of it.
	Decode(data []byte, pts time.Duration) (*media.AudioFrame, error)
	// Conceal gives sound from pts on in place of what is missing, for that long, right before
	// the packet next (nil if it is unknown), which is decoded after it. Lent as Decode's.
	Conceal(missing time.Duration, next []byte, pts time.Duration) (*media.AudioFrame, error)
	Close() error
}

// Supported lists what NewVideoEncoder, NewAudioEncoder, NewVideoDecoder and
// NewAudioDecoder take, best first.
func Supported(kind media.Kind) []media.Codec {
	if kind == media.Audio {
		return []media.Codec{
			{MimeType: MimeOpus, ClockRate: 48000, Channels: 2, Parameters: "minptime=10;useinbandfec=1"},
			{MimeType: MimePCMU, ClockRate: 8000, Channels: 1},
			{MimeType: MimePCMA, ClockRate: 8000, Channels: 1},
			{MimeType: MimeG722, ClockRate: 8000, Channels: 1},
			{MimeType: MimeMultiopus, ClockRate: 48000, Channels: 4, Parameters: "channel_mapping=0,1,2,3;coupled_streams=2;num_streams=2"},
			{MimeType: MimeMultiopus, ClockRate: 48000, Channels: 6, Parameters: "channel_mapping=0,4,1,2,3,5;coupled_streams=2;num_streams=4"},
			{MimeType: MimeMultiopus, ClockRate: 48000, Channels: 8, Parameters: "channel_mapping=0,6,1,2,3,4,5,7;coupled_streams=3;num_streams=5"},
		}
	}
	return []media.Codec{
		{MimeType: MimeVP8, ClockRate: 90000},
		{MimeType: MimeVP9, ClockRate: 90000, Parameters: "profile-id=0"},
		{
			MimeType: MimeH264, ClockRate: 90000,
			Parameters: "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f",
		},
		{MimeType: MimeAV1, ClockRate: 90000, Parameters: "level-idx=5;profile=0;tier=0"},
	}
}

// Supports reports whether there is an encoder and a decoder for c.
func Supports(kind media.Kind, c media.Codec) bool {
	for _, supported := range Supported(kind) {
		if is(c, supported.MimeType) {
			return true
		}
	}
	return false
}

func is(c media.Codec, mimeType string) bool { return strings.EqualFold(c.MimeType, mimeType) }
