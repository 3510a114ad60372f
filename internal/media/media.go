// Package media holds what the sources, the codecs and the network have in
// common: frames, tracks and how encoded frames get from one to the other.
// It knows neither FFmpeg nor pion.
package media

import (
	"time"
)

// Kind is audio or video.
type Kind uint8

// The kinds.
const (
	Audio Kind = iota + 1
	Video
)

func (k Kind) String() string {
	switch k {
	case Audio:
		return "audio"
	case Video:
		return "video"
	default:
		return "unknown"
	}
}

// Codec is a negotiated codec (RFC 8866 rtpmap and fmtp).
type Codec struct {
	// MimeType as in "video/VP8"; compared without case.
	MimeType  string
	ClockRate uint32
	// Channels is 0 for video.
	Channels uint16
	// Parameters is the fmtp line, "key=value;key=value".
	Parameters string
}

// EncodedFrame is one coded picture (in decoding order) or one packet of
// coded sound. It is shared between sinks: nobody changes it or its Data.
type EncodedFrame struct {
	// Data is one access unit: Annex B for H264, the raw frame for VP8, VP9 and
	// AV1 (low-overhead OBUs), the codec's own packet for audio.
	Data []byte
	// PTS counts from the start of the source's clock; sound and picture of one
	// source share it.
	PTS      time.Duration
	Duration time.Duration
	Keyframe bool
	// Scalability is of the stream, and Layers are the parts of this picture, lowest
	// first: those of Data, but for what joins them. A stream without layers has none.
	Scalability ScalabilityMode
	Layers      []FrameLayer
	// Cuts are of a frame that many sinks may get.
	Cuts *Cuts
	// AudioLevel is the loudness in -dBov, 1 to 127 (RFC 6464); 0 is unknown.
	AudioLevel uint8
	// Lost is how many packets of sound are missing right before this one, on the
	// way to here: a gap of PTS without it is silence that was not sent.
	Lost int
	// Received is of a frame that came from a network; else nil.
	Received *Reception
}

// Reception is what RTP said of a frame that came from a network.
type Reception struct {
	Timestamp uint32
	// Sequence is the number of its last packet, and Sources are who contributed to it (CSRCs).
	Sequence uint16
	Sources  []uint32
	// Spatial and Temporal are the layers that it is of, the highest of a picture of several; -1 is not known.
	Spatial, Temporal int
}

// FrameLayer is what of a picture is in one spatial layer: a frame by itself, for
// the codec and on the network. All of a picture are of one temporal layer.
type FrameLayer struct {
	Data          []byte
	Width, Height int
	// Spatial and Temporal are 0 for the layer that all others need.
	Spatial, Temporal uint8
	// Sync frames are above temporal layer 0 and refer to nothing else that is: who
	// receives less may go on with this layer from here.
	Sync bool
	// References count back, in coding order over the frames of all layers, to those
	// that this one refers to.
	References []int
}

// EncodingSettings is what a sender asks of an encoder. Feeds of one track
// with equal Codec and EncodingSettings share one encoder.
type EncodingSettings struct {
	// MaxBitrate in bits a second; 0 chooses by the picture's size.
	MaxBitrate int
	// MaxFramerate in frames a second; 0 is the source's.
	MaxFramerate float64
	// ScaleDownBy makes each side of the picture smaller by this factor; 0 and 1
	// leave it (W3C's scaleResolutionDownBy).
	ScaleDownBy float64
	// Simulcast says that it is one of several encodings of a track, which are all
	// made here: one that is passed through would have a clock of its own.
	Simulcast bool
	// Scalability is which layers are asked for, of those that the codec can have.
	Scalability ScalabilityMode
	// StartBitrate is what is sent before the network's estimate is known, and grows
	// from there; MinBitrate is below what the estimate may not go. 0 is none.
	StartBitrate, MinBitrate int
	// Stereo keeps two channels of Opus.
	Stereo bool
	// FEC repeats each Opus packet, coarsely, in the next one.
	FEC bool
	// DTX sends next to nothing of silence, in Opus.
	DTX bool
	// MaxPlaybackRate is the rate in Hz above whose half Opus keeps nothing; 0 keeps all.
	MaxPlaybackRate int
	// PacketDuration of Opus; 0 is 20 ms.
	PacketDuration time.Duration
}

// Sink takes encoded frames, one at a time, on the source's goroutine. It does
// not block; it may keep the frame.
type Sink interface {
	WriteFrame(frame *EncodedFrame)
}

// Track is something that can be sent: a source's, or a received one.
type Track interface {
	ID() string
	Kind() Kind
	// Attach starts delivery of the track in codec to sink; the first video frame
	// that arrives is a keyframe. It fails with ErrCodecUnavailable where the
	// track cannot be had in that codec and with ErrTrackEnded after its end.
	Attach(codec Codec, settings EncodingSettings, sink Sink) (Feed, error)
	// SetEnabled is W3C's MediaStreamTrack.enabled.
	SetEnabled(enabled bool)
	// OnEnded calls f once, when the track has ended by itself or by Stop (on any
	// goroutine; at once if it has ended already). reason is nil at a normal end.
	OnEnded(f func(reason error))
	// Stop ends the track. It may be called twice.
	Stop()
}

// CodecChecker is a Track that doesn't come in every codec.
type CodecChecker interface {
	// CheckCodec tells why the track can't be sent in codec, as settings ask; nil
	// says that it can.
	CheckCodec(codec Codec, settings EncodingSettings) error
}

// Cloner is a Track that others may stand beside, of the same source.
type Cloner interface {
	// Clone gives another one, of that id, which is enabled and ended by itself. It fails with ErrTrackEnded after the
	// end of this one.
	Clone(id string) (Track, error)
}

// Holder is a Track that may have a beginning.
type Holder interface {
	// Hold keeps what does not play from playing, until release is called (once, or more
	// often); what plays goes on. release is nil where there is no beginning to be lost.
	Hold() (release func())
}

// MaxPayload is what an RTP packet holds at the most, in bytes: it leaves room for
// header extensions, SRTP, UDP and IPv6 in 1,280.
const MaxPayload = 1140

// Feed is the connection of a track to one sink.
type Feed interface {
	// RequestKeyframe asks for a keyframe as soon as the source can; requests
	// are merged to at most one each 300 ms.
	RequestKeyframe()
	// SetTargetBitrate follows the network's estimate, in bits a second. An
	// encoder that several feeds share takes the lowest.
	SetTargetBitrate(bitsPerSecond int)
	// Stats of what this feed's encoder did.
	Stats() FeedStats
	// Close ends delivery: no WriteFrame begins after it returns. It waits for one
	// that has begun, so it is not called from WriteFrame. It may be called twice.
	Close()
}

// FeedStats counts an encoder's (or a passed-through stream's) work.
type FeedStats struct {
	FramesEncoded    uint64
	KeyframesEncoded uint64
	// FramesDropped were left out because they came too late, or faster than the
	// encoder takes them or the bitrate allows.
	FramesDropped   uint64
	TotalEncodeTime time.Duration
	Width, Height   int
	FramesPerSecond float64
	// Encoder names the implementation: libvpx, OpenH264, libopus, passthrough.
	Encoder string
	// SourceFrames counts raw frames that the source delivered.
	SourceFrames              uint64
	SourceWidth, SourceHeight int
	// TargetBitrate is what is aimed at, HighestBitrate what it would be if the
	// network had no say.
	TargetBitrate, HighestBitrate int
}
