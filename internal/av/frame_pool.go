package av

import (
	"github.com/asticode/go-astiav"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// mostIdleFrames is how many frames a pool keeps for reuse.
const mostIdleFrames = 8

// picture is a media.VideoFrame whose planes are those of an AVFrame.
type picture struct {
	media.VideoFrame

	frame   *astiav.Frame
	recycle func(*media.VideoFrame)
}

// framePool reuses pictures. Pictures outlive it: they come back on any
// goroutine, also after close.
type framePool struct{ idle idleList[*picture] }

func (p *framePool) get() *picture {
	if one, ok := p.idle.take(); ok {
		return one
	}
	frame := astiav.AllocFrame()
	if frame == nil {
		return nil
	}
	one := &picture{frame: frame}
	one.recycle = func(*media.VideoFrame) { p.put(one) }
	return one
}

func (p *framePool) put(one *picture) {
	one.Y, one.U, one.V = nil, nil, nil
	one.frame.Unref()
	if !p.idle.keep(one, mostIdleFrames) {
		one.frame.Free()
	}
}

func (p *framePool) close() {
	for _, one := range p.idle.close() {
		one.frame.Free()
	}
}
