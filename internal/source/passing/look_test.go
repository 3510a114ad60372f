package passing

import (
	"context"
	"io"
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/container"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/reading"
)

// endless is a demuxer of a file in which what is looked for never comes.
type endless struct {
	streams []av.Stream
	reads   int
	each    func()
}

func (*endless) Format() string                   { return "matroska,webm" }
func (d *endless) Streams() []av.Stream           { return d.streams }
func (*endless) Index(av.Stream) (av.Index, bool) { return av.Index{}, false }
func (*endless) Seekable() bool                   { return true }
func (*endless) Jumps() bool                      { return false }
func (*endless) Counts() bool                     { return false }
func (*endless) Duration() time.Duration          { return av.NoTime }
func (*endless) SetActive(int, bool)              {}
func (*endless) Seek(int, time.Duration) error    { return io.EOF }
func (*endless) Close()                           {}
func (*endless) Reopen() error                    { return av.ErrOnce }
func (d *endless) Read() (*av.Packet, error) {
	d.reads++
	d.each()
	// Of a stream that is not looked at.
	return &av.Packet{Stream: 1}, nil
}

func TestLookingAheadIsCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	d := &endless{streams: []av.Stream{{Kind: media.Video, Codec: "vp8"}}}
	d.each = func() {
		if d.reads == 7 {
			cancel()
		}
	}
	c, err := container.New("a", d)
	if err != nil {
		t.Fatal(err)
	}
	r := reading.New(c, nil)
	look(ctx, r, []*av.Stream{c.Video()}, false)
	if d.reads != 7 {
		t.Errorf("%d packets were read", d.reads)
	}
}
