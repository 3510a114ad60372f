package recorder

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// mimePCM is what sound is that is written decoded.
const mimePCM = "audio/L16"

// container is a kind of file, and what it holds: the codecs, those first that are preferred.
type container struct {
	// muxer is FFmpeg's name.
	muxer        string
	options      map[string]string
	video, audio []string
	// single holds one track alone.
	single bool
	// decodes says that sound is written as PCM.
	decodes bool
	// segmented is written to a Playlist.
	segmented bool
}

var (
	clusters = map[string]string{"cluster_time_limit": "1000", "flush_packets": "1"}
	// Fragments are cut here, at Flush.
	fragments = map[string]string{
		"movflags": "empty_moov+default_base_moof+frag_custom+frag_discont+skip_trailer", "use_editlist": "0",
		// A track that begins late is not stretched to the beginning.
		"avoid_negative_ts": "disabled", "flush_packets": "1",
	}
	// Sizes of wav are of 32 bits: beyond 4 GB, six hours of stereo, it becomes RF64 (EBU Tech 3306).
	largeFiles = map[string]string{"rf64": "auto"}
)

// containerOf looks a name up: webm, matroska, mp4, hls, ogg or wav.
func containerOf(name string) (container, error) {
	opus, g711 := []string{codec.MimeOpus}, []string{codec.MimePCMU, codec.MimePCMA}
	switch name {
	case "webm":
		return container{
			muxer: "webm", options: clusters, video: []string{codec.MimeVP8, codec.MimeVP9, codec.MimeAV1}, audio: opus,
		}, nil
	case "matroska":
		return container{
			muxer: "matroska", options: clusters, audio: append(opus, g711...),
			video: []string{codec.MimeVP8, codec.MimeH264, codec.MimeVP9, codec.MimeAV1, codec.MimeH265},
		}, nil
	case "mp4", "hls":
		return container{
			muxer: "mp4", options: fragments, audio: opus, segmented: name == "hls",
			video: []string{codec.MimeH264, codec.MimeVP9, codec.MimeAV1, codec.MimeH265},
		}, nil
	case "ogg":
		return container{muxer: "ogg", options: map[string]string{"page_duration": "500000"}, audio: opus, single: true}, nil
	case "wav":
		return container{muxer: "wav", options: largeFiles, audio: append(opus, g711...), single: true, decodes: true}, nil
	default:
		return container{}, fmt.Errorf("%w: container %q", ErrContainer, name)
	}
}

// remote is a track that comes in one codec alone.
type remote interface{ Codec() media.Codec }

// choose is the codec in which track is written: its own, or the first that it can be had in. wanted names
// the codecs that the app wants; empty is any.
func (c container) choose(track media.Track, wanted []string, settings media.EncodingSettings) (media.Codec, error) {
	held := c.audio
	if track.Kind() == media.Video {
		held = c.video
	}
	holds := func(mimeType string) bool {
		same := func(other string) bool { return strings.EqualFold(mimeType, other) }

		return slices.ContainsFunc(held, same)
	}
	if received, ok := track.(remote); ok {
		if own := received.Codec(); !holds(own.MimeType) {
			return media.Codec{}, fmt.Errorf("%w: a received track is written as it is, and %s does not hold %s",
				ErrContainer, c.muxer, own.MimeType)
		} else {
			return own, nil
		}
	}
	var refusal error
	for _, mimeType := range append(preferred(held, wanted), held...) {
		candidate, ok := supported(track.Kind(), mimeType)
		if !ok {
			continue
		}
		checker, checks := track.(media.CodecChecker)
		if !checks {
			return candidate, nil
		}
		err := checker.CheckCodec(candidate, settings)
		if err == nil {
			return candidate, nil
		}
		refusal = err
	}
	if refusal != nil {
		return media.Codec{}, refusal
	}

	return media.Codec{}, fmt.Errorf("%w: %s holds no %v", ErrContainer, c.muxer, track.Kind())
}

// Codecs are the MIME types of what is written, in the order of the tracks.
func (r *Recorder) Codecs() (names []string) {
	for _, i := range r.inputs {
		name := i.codec.MimeType
		if r.container.decodes {
			name = mimePCM
		}
		names = append(names, name)
	}

	return names
}

// checkBitrates refuses a bitrate that nothing would be encoded at.
func (o *Options) checkBitrates() error {
	for kind, wanted := range map[media.Kind]int{media.Video: o.VideoBitrate, media.Audio: o.AudioBitrate} {
		isEncoded := func(track media.Track) bool {
			_, coded := track.(remote)

			return track.Kind() == kind && !coded
		}
		if wanted > 0 && !slices.ContainsFunc(o.Tracks, isEncoded) {
			return fmt.Errorf("%w: %d bit/s of %v: none is encoded, and what comes coded is written as it is",
				ErrContainer, wanted, kind)
		}
	}

	return nil
}

// preferred are those of held that are wanted.
func preferred(held, wanted []string) (first []string) {
	for _, mimeType := range held {
		if slices.ContainsFunc(wanted, func(name string) bool { return strings.EqualFold(mimeType, name) }) {
			first = append(first, mimeType)
		}
	}

	return first
}

func supported(kind media.Kind, mimeType string) (media.Codec, bool) {
	if mimeType == codec.MimeH265 {
		return media.Codec{MimeType: mimeType, ClockRate: 90_000}, true
	}
	for _, c := range codec.Supported(kind) {
		if c.MimeType == mimeType {
			return c, true
		}
	}

	return media.Codec{}, false
}
