package passing

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/container"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/reading"
)

const (
	// probeSpan is how much of the media a probe looks at, mostProbed in bytes.
	probeSpan  = 10 * time.Second
	mostProbed = 64 << 20
	// probePatience is how long it waits for what comes in real time.
	probePatience = 5 * time.Second
)

// Inspect looks at the beginning of what is played, by the index of the stream. The
// reader can't be played after it.
func Inspect(ctx context.Context, r *reading.Reader) map[int]Outlook {
	c, viewers := r.Container(), make(map[int]*viewer)
	for _, stream := range []*av.Stream{c.Audio(), c.Video()} {
		if stream != nil {
			c.Demuxer().SetActive(stream.Index, true)
			viewers[stream.Index] = newViewer(c, stream)
		}
	}
	patience := time.NewTimer(probePatience)
	defer patience.Stop()
	ended := false
	for bytes := 0; bytes < mostProbed && ctx.Err() == nil && !seenAll(viewers); {
		packet, err := r.Fetch()
		if errors.Is(err, container.ErrLater) {
			select {
			case <-c.News():
				continue
			case <-patience.C:
			case <-ctx.Done():
			}
			break
		}
		if err != nil {
			ended = errors.Is(err, io.EOF)
			break
		}
		bytes += packet.Size
		if v := viewers[packet.Stream]; v != nil {
			v.add(packet)
		}
		packet.Release()
	}
	outlooks := make(map[int]Outlook)
	for index, v := range viewers {
		outlooks[index] = v.finish(ended)
	}
	return outlooks
}

func seenAll(viewers map[int]*viewer) bool {
	for _, v := range viewers {
		if v.span() < probeSpan {
			return false
		}
	}
	return true
}
