package play

import (
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/container"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/reading"
)

// counting is an output that counts pictures.
type counting struct{ shown, dropped int }

func (*counting) Wanted(media.Kind) bool         { return true }
func (*counting) Expected(media.Kind) bool       { return true }
func (*counting) Held() bool                     { return false }
func (*counting) DeliverAudio(*media.AudioFrame) {}
func (*counting) EndKind(media.Kind, error)      {}
func (c *counting) LeaveOut(dropped int)         { c.dropped += dropped }
func (c *counting) Awaited() bool                { return false }
func (c *counting) DeliverVideo(_ *media.VideoFrame, dropped int) {
	c.shown++
	c.dropped += dropped
}

// On a machine that is too slow some are left out, wherever in the file: all are shown or counted.
func TestEveryPictureIsShownOrCountedAsLeftOut(t *testing.T) {
	const interval, pictures = 40 * time.Millisecond, 25
	// How far the player is behind with each picture.
	for name, behind := range map[string]func(i int) time.Duration{
		"never":      func(int) time.Duration { return 0 },
		"always":     func(int) time.Duration { return 300 * time.Millisecond },
		"first":      func(i int) time.Duration { return time.Duration(max(12-i, 0)) * interval },
		"at the end": func(i int) time.Duration { return time.Duration(max(i-12, 0)) * interval },
	} {
		t.Run(name, func(t *testing.T) {
			out := &counting{}
			v := &videoInput{reader: reading.New(&container.Container{}, nil), output: out, last: av.NoTime, shown: av.NoTime, frameDuration: interval}
			for i := range pictures {
				at := time.Duration(i) * interval
				position := at + behind(i)
				if v.keep(at, position) {
					frame := media.NewVideoFrame(16, 16)
					frame.PTS = at
					v.last = at
					v.frames = append(v.frames, frame)
				}
				v.drained = i == pictures-1
				v.Deliver(t.Context(), position, time.Now())
			}
			if out.shown+out.dropped != pictures {
				t.Errorf("%d were shown and %d left out of %d", out.shown, out.dropped, pictures)
			}
			if name == "never" && out.dropped > 0 {
				t.Errorf("%d were left out", out.dropped)
			}
		})
	}
}
