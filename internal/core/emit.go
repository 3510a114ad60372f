package core

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/wire"
)

// Emit tells JavaScript of an event, in order and without loss; of those that merge the newest is sure to arrive, when
// many wait. It does not block. Events of a released handle are dropped.
func (e *Env) Emit(handle uint64, event wire.Event, body any) {
	source := e.handles.get(handle)
	if source == nil {
		return
	}
	var lost error
	err := encode(body, func(text []byte) {
		lost = e.control(wire.Record{
			Type: wire.RecordEvent, Handle: handle, Number: uint32(event), Payload: text,
		}, func(r wire.Record) (ring bool, left *wire.Record) { return e.queue.append(source, r) })
	})
	if err = cmp.Or(err, lost); err != nil && !errors.Is(err, ErrClosed) {
		// A body that does not encode is a fault of ours, as a panic is; a lost
		// event is no better.
		e.panicked(e.call(e.scope.Context(), source),
			fmt.Sprintf("event %d of handle %d: %v", event, handle, err), string(debug.Stack()))
	}
}

// EmitLine tells JavaScript of a line of the log of a handle. It is false if too many wait.
func (e *Env) EmitLine(handle uint64, line wire.LogLine) (taken bool) {
	source := e.handles.get(handle)
	if source == nil {
		return false
	}
	room := maxQueuedLines
	if line.Level == wire.LevelDebug {
		room /= 2
	}
	var ring bool
	// Strings always encode.
	_ = encode(line, func(text []byte) {
		ring, taken = e.queue.appendLine(source, room, wire.Record{
			Type: wire.RecordEvent, Handle: handle, Number: uint32(wire.WorkerLog), Payload: text,
		})
	})
	if ring {
		e.rings()
	}

	return taken
}

// EmitBytes gives JavaScript a message of a handle, in order with its events.
// It blocks while too many bytes wait, until ctx ends, the handle is released
// or the environment closes. data is copied.
func (e *Env) EmitBytes(ctx context.Context, handle uint64, text bool, data []byte) error {
	source := e.handles.get(handle)
	if source == nil {
		return ErrStaleHandle
	}
	record := wire.Record{Type: wire.RecordBinary, Handle: handle, Payload: data}
	if text {
		record.Type = wire.RecordText
	}
	var loan [wire.LoanSize]byte
	var token uint64
	if len(data) > wire.LentThreshold {
		var err error
		if token, err = e.lending.offer(data); err != nil {
			return err
		}
		wire.PutLoan(&loan, token, len(data))
		record.Flags, record.Payload = wire.FlagLent, loan[:]
	}
	ring, err := e.queue.appendBytes(ctx, source, wire.RecordSize(len(data)), record)
	if err != nil {
		if token != 0 {
			e.lending.drop(token)
		}

		return fmt.Errorf("emitting bytes of handle %d: %w", handle, err)
	}
	if ring {
		e.rings()
	}

	return nil
}

// reply answers a request of target.
func (e *Env) reply(kind wire.RecordType, target *entry, request *request, text []byte) error {
	size := wire.RecordSize(len(text))

	return e.control(wire.Record{
		Type: kind, Handle: target.handle, Number: request.id, Payload: text,
	}, func(r wire.Record) (ring bool, left *wire.Record) {
		ring, dropped := e.queue.reply(r, size, len(request.body))
		if dropped {
			left = &r
		}

		return ring, left
	})
}

// control lends a payload that is too large for a batch, and queues the record. put says what is left out for it, if
// anything is.
func (e *Env) control(r wire.Record, put func(r wire.Record) (ring bool, left *wire.Record)) error {
	var loan [wire.LoanSize]byte
	if len(r.Payload) > wire.LentThreshold {
		length := len(r.Payload)
		token, err := e.lending.offer(r.Payload)
		if err != nil {
			return err
		}
		wire.PutLoan(&loan, token, length)
		r.Flags, r.Payload = wire.FlagLent, loan[:]
	}
	ring, left := put(r)
	if left != nil && left.Flags&wire.FlagLent != 0 {
		token, _, _ := wire.ParseLoan(left.Payload)
		e.lending.drop(token)
	}
	if ring {
		e.rings()
	}

	return nil
}
