package remote

import (
	"errors"
	"mime"
	"slices"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/fetch"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// broadcast is what the server says of a URL that comes as it is made: radio, a camera.
type broadcast struct {
	live        bool
	contentType string
	// misnamed says that it is not what the server says.
	misnamed bool
}

// learn takes it from the first answer of an attempt.
func (u *urlSource) learn(resource *fetch.Resource) {
	if u.asked {
		return
	}
	u.asked = true
	u.broadcast.live, u.broadcast.contentType = resource.Live(), resource.ContentType()
	if u.options.live != nil {
		u.broadcast.live = *u.options.live
	}
}

// guess implements av.URLInput: finding out what a broadcast is takes seconds of it.
func (u *urlSource) guess() (format string, own map[string]string) {
	if !u.broadcast.live || u.broadcast.misnamed {
		return "", nil
	}
	return formatOf(u.broadcast.contentType)
}

// misnamed reports whether what was opened by the server's word is something else, and
// closes it then.
func (u *urlSource) misnamed(demuxer *av.Demuxer, err error) bool {
	if format, _ := u.guess(); format == "" {
		return false
	}
	if err != nil {
		return errors.Is(err, av.ErrInvalidData)
	}
	known := slices.ContainsFunc(demuxer.Streams(), func(s av.Stream) bool {
		return s.Kind == media.Audio && s.SampleRate > 0 || s.Kind == media.Video && s.Width > 0
	})
	if !known {
		demuxer.Close()
	}
	return !known
}

// mostGuessed is how much of a broadcast is looked at to see whether it is what it is called.
const mostGuessed = "131072"

// formatOf is FFmpeg's demuxer for what a server says that it sends, with options for it.
func formatOf(contentType string) (format string, own map[string]string) {
	kind, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		return "", nil
	}
	switch kind {
	case "audio/mpeg", "audio/mp3", "audio/x-mpeg":
		return "mp3", map[string]string{"probesize": mostGuessed}
	case "audio/aac", "audio/aacp", "audio/x-aac":
		return "aac", map[string]string{"probesize": mostGuessed}
	case "application/ogg", "audio/ogg", "video/ogg", "audio/opus":
		return "ogg", nil
	case "audio/flac", "audio/x-flac":
		return "flac", nil
	case "audio/webm", "video/webm", "video/x-matroska":
		return "matroska", nil
	case "video/mp2t", "video/mpeg-ts":
		return "mpegts", nil
	case "video/x-flv":
		return "flv", nil
	case "multipart/x-mixed-replace":
		// Its pictures have no times but those of their arrival.
		return "mpjpeg", map[string]string{"use_wallclock_as_timestamps": "1"}
	default:
		return "", nil
	}
}
