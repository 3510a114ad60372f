package av

import (
	"sync"

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
type framePool struct {
	mu     sync.Mutex
	idle   []*picture
	closed bool
}

func (p *framePool) get() *picture {
	p.mu.Lock()
	if n := len(p.idle); n > 0 {
		one := p.idle[n-1]
		p.idle = p.idle[:n-1]
		p.mu.Unlock()
		return one
	}
	p.mu.Unlock()
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
	p.mu.Lock()
	if !p.closed && len(p.idle) < mostIdleFrames {
		p.idle = append(p.idle, one)
		p.mu.Unlock()
		return
	}
	p.mu.Unlock()
	one.frame.Free()
}

func (p *framePool) close() {
	p.mu.Lock()
	idle := p.idle
	p.idle, p.closed = nil, true
	p.mu.Unlock()
	for _, one := range idle {
		one.frame.Free()
	}
}
