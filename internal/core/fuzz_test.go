package core

import (
	"context"
	"encoding/binary"
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/wire"
)

// FuzzEnv plays what JavaScript and the network may do, in any order: whatever
// it is, each request that was taken is answered once, and closed is last.
func FuzzEnv(f *testing.F) {
	f.Add([]byte("\x00\x01\x02\x03\x04\x05\x06\x07"), []byte(`{"text":"x"}`))
	f.Add([]byte("\x06\x06\x03\x03\x04\x04\x05\x02\x02\x07"), []byte(`{"handle":16777217}`))
	f.Add([]byte{0, 0, 0, 255, 254, 253}, []byte("nonsense \xff"))
	f.Fuzz(func(t *testing.T, script, body []byte) {
		p := newPlay(t, body)
		for _, step := range script {
			p.step(step)
		}
		p.finish()
	})
}

type play struct {
	*Env
	t        *testing.T
	body     []byte
	batch    []byte
	handles  []uint64
	requests uint32
	open     map[uint32]bool
	closed   map[uint64]bool
}

func newPlay(t *testing.T, body []byte) *play {
	r := echoRegistry()
	HandleOn(r, wire.WorkerClose, func(c *Call, _ target, _ wire.Empty) (wire.Empty, error) {
		c.Env.Release(c.Handle)

		return wire.Empty{}, nil
	})
	HandleOn(r, asPanic, func(*Call, target, wire.Empty) (wire.Empty, error) { panic("deliberate") })

	return &play{
		Env:    Open(r, func() {}),
		t:      t,
		body:   body,
		batch:  make([]byte, wire.BatchSize),
		open:   map[uint32]bool{},
		closed: map[uint64]bool{},
	}
}

func (p *play) step(step byte) {
	handle := p.pick(step >> 3)
	switch step & 7 {
	case 0:
		p.call(handle, asEcho)
	case 1:
		p.call(handle, wire.WorkerClose)
	case 2:
		p.call(handle, asPanic)
	case 3:
		p.Emit(handle, ticked, tick{Number: int(step)})
	case 4:
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		_ = p.EmitBytes(ctx, handle, step > 127, p.body)
		cancel()
	case 5:
		p.poll()
	case 6:
		p.handles = append(p.handles, p.NewHandle(target{send: func(bool, []byte) error { return nil }}))
	case 7:
		p.Send(handle, false, p.body)
		p.Query(handle, uint32(step))
		p.Release(handle)
	}
}

// pick returns the environment, a handle that was made, or a number of the body's.
func (p *play) pick(n byte) uint64 {
	switch {
	case n == 0:
		return 0
	case int(n) <= len(p.handles):
		return p.handles[n-1]
	case len(p.body) >= 8:
		return binary.LittleEndian.Uint64(p.body)
	default:
		return uint64(n)
	}
}

func (p *play) call(handle uint64, method wire.Method) {
	p.requests++
	if p.Call(p.requests, handle, method, p.body) == wire.StatusOK {
		p.open[p.requests] = true
	}
}

func (p *play) poll() bool {
	rest := p.batch[:p.Poll(p.batch)]
	found := len(rest) > 0
	for len(rest) > 0 {
		var r wire.Record
		var err error
		if r, rest, err = wire.ParseRecord(rest); err != nil {
			p.t.Fatal(err)
		}
		switch r.Type {
		case wire.RecordReply, wire.RecordError:
			if !p.open[r.Number] {
				p.t.Fatalf("request %d was answered twice, or never made", r.Number)
			}
			delete(p.open, r.Number)
		case wire.RecordEvent, wire.RecordText, wire.RecordBinary:
			if p.closed[r.Handle] {
				p.t.Fatalf("handle %d spoke after it closed", r.Handle)
			}
			p.closed[r.Handle] = r.Type == wire.RecordEvent && r.Number == uint32(wire.Closed)
		default:
			p.t.Fatalf("record of type %d", r.Type)
		}
	}

	return found
}

func (p *play) finish() {
	for deadline := time.Now().Add(5 * time.Second); len(p.open) > 0; {
		if !p.poll() && time.Now().After(deadline) {
			p.t.Fatalf("%d requests were never answered", len(p.open))
		}
	}
	p.Close()
}
