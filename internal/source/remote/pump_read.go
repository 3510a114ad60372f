package remote

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/recovery"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/routine"
)

func (p *pump) run(ctx context.Context) {
	defer recovery.AfterFunc(ctx, "stop reading", p.Interrupt)()
	for {
		if p.context.Err() != nil {
			return
		}
		if !p.obey() {
			select {
			case <-p.work:
			case <-p.context.Done():
			}
			continue
		}
		p.step()
	}
}

// obey does what was asked, and reports whether there is room to read on.
func (p *pump) obey() bool {
	p.mu.Lock()
	again := p.again
	p.mu.Unlock()
	if again {
		p.restart()
	}
	p.mu.Lock()
	inner, seek, wanted := p.demuxer, p.seek, p.wanted
	p.seek, p.wanted = nil, nil
	p.mu.Unlock()
	if inner == nil {
		// It could not be opened again.
		if seek != nil {
			seek.done <- av.ErrClosed
		}
		return false
	}
	for index, active := range wanted {
		inner.SetActive(index, active)
	}
	if seek != nil {
		err := inner.Seek(seek.index, seek.to)
		if err == nil {
			p.mu.Lock()
			p.clear()
			p.failure = nil
			p.mu.Unlock()
		}
		seek.done <- err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.failure != nil || !p.begun && !p.live {
		return false
	}
	if p.wanted != nil || p.seek != nil || p.again {
		// Asked meanwhile, with a signal: of a stream that it was not told of yet the demuxer would leave out all, to the end.
		return false
	}
	return p.live && !p.settings.segmented || p.bytes < mostPumpedBytes && len(p.queue) < mostPumpedPackets
}

// step reads a packet.
func (p *pump) step() {
	packet, err := p.demuxer.Read()
	switch {
	case err == nil:
		p.failed = 0
		if p.live {
			if err = p.listen(packet, time.Now()); err != nil {
				packet.Release()
				p.over(err)
				return
			}
		}
		p.take(packet)
	case errors.Is(err, av.ErrAgain):
		p.pause(againPause)
	case p.context.Err() != nil:
	case !errors.Is(err, io.EOF) && p.failed < mostFailed && !p.lost(err):
		p.failed++
	default:
		p.over(err)
	}
}

// over ends what can't be read on, unless it can be opened again.
func (p *pump) over(err error) {
	if !p.live {
		p.fail(err)
		return
	}
	misled := p.misled()
	if misled != nil {
		err = misled
	}
	if p.settings.reopen == nil || misled != nil && len(p.silent.last) == 0 {
		// What was never read would be the same again.
		p.fail(err)
	} else {
		p.reconnect(err)
	}
}

// lost reports whether trying again is in vain.
func (p *pump) lost(err error) bool {
	return p.settings.segmented || !errors.Is(err, av.ErrInvalidData)
}

// fail lets Read fail with err after what was read.
func (p *pump) fail(err error) {
	if errors.Is(err, io.EOF) {
		err = io.EOF
	} else {
		err = p.reason(err)
	}
	p.mu.Lock()
	p.failure = err
	p.mu.Unlock()
	routine.Signal(p.news)
}

// reason says err in words.
func (p *pump) reason(err error) error {
	if p.settings.end == nil {
		return err
	}
	return p.settings.end(err)
}

// take queues a packet.
func (p *pump) take(packet *av.Packet) {
	at := time.Duration(0)
	if p.live {
		if !p.adopt(packet) {
			packet.Release()
			return
		}
		at = p.schedule(packet)
	}
	p.mu.Lock()
	if p.stopping || p.thirsty[packet.Stream] && !packet.Keyframe {
		p.mu.Unlock()
		packet.Release()
		return
	}
	delete(p.thirsty, packet.Stream)
	packet.Anew = p.anew[packet.Stream]
	delete(p.anew, packet.Stream)
	p.queue = append(p.queue, pumped{packet: packet, at: at})
	p.bytes += packet.Size
	if p.live && !p.settings.segmented && (p.bytes > mostPumpedBytes || len(p.queue) > mostPumpedPackets) {
		p.forget()
	}
	p.mu.Unlock()
	routine.Signal(p.news)
}

// schedule tells when a live packet is due but for the delay, and holds it back
// where the stream begins.
func (p *pump) schedule(packet *av.Packet) time.Duration {
	at := packet.Time()
	now := time.Now()
	adjusted, begins := p.timeline.place(packet.Stream, at, packet.Duration, p.timeline.since(now))
	if at == av.NoTime {
		packet.SetDTS(adjusted)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.delay = p.timeline.delay
	if begins && !p.settings.segmented {
		p.release = now.Add(held)
		recovery.Timer(p.context, "hold packets", held, func() { routine.Signal(p.news) })
	}
	return adjusted
}

// forget drops the oldest of a live stream that nobody takes, up to the last
// keyframe; where even that is too much, all of it. Called with mu held.
func (p *pump) forget() {
	from := len(p.queue)
	for i := len(p.queue) - 1; i >= len(p.queue)/2; i-- {
		if p.queue[i].packet.Keyframe && p.isVideo(p.queue[i].packet.Stream) {
			from = i
			break
		}
	}
	if from == len(p.queue) {
		for _, stream := range p.chosen {
			p.thirsty[stream.Index] = stream.Kind == media.Video
		}
	}
	for _, one := range p.queue[:from] {
		p.bytes -= one.packet.Size
		one.packet.Release()
	}
	p.queue = append([]pumped(nil), p.queue[from:]...)
}

func (p *pump) isVideo(index int) bool {
	for _, stream := range p.chosen {
		if stream.Index == index {
			return stream.Kind == media.Video
		}
	}
	return false
}

// pause waits, and reports whether it may go on.
func (p *pump) pause(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-p.context.Done():
		return false
	}
}
