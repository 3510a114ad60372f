package main

// #include "abi.h"
import "C"

import (
	"unsafe"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/core"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/core/collector"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/service"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/wire"
)

// maxLength is the largest length that is believed.
const maxLength = 1<<31 - 1

//export mscpEnvOpen
func mscpEnvOpen(
	ring C.mscp_ring, context unsafe.Pointer, bell *C.uint32_t, env *C.mscp_env,
) (status C.int32_t) {
	defer recovered(&status)
	if ring == nil || bell == nil || env == nil {
		return C.MSCP_BAD_ARGUMENT
	}
	spareProcessors()
	collector.Pace()
	opened := core.Open(service.Registry(), doorbell(ring, context), core.WithBell((*uint32)(bell)))
	*env = C.mscp_env(newEnvironment(opened).number)

	return C.MSCP_OK
}

//export mscpEnvClose
func mscpEnvClose(env C.mscp_env) C.int32_t {
	return in(env, func(e *environment) wire.Status {
		e.Close()
		e.forget()

		return wire.StatusOK
	})
}

//export mscpCall
func mscpCall(
	env C.mscp_env, request C.uint32_t, handle C.uint64_t, method C.uint32_t, body *C.uint8_t, length C.size_t,
) C.int32_t {
	return in(env, func(e *environment) wire.Status {
		text, ok := borrow(body, length)
		if !ok {
			return wire.StatusBadArgument
		}

		return e.Call(uint32(request), uint64(handle), wire.Method(method), text)
	})
}

//export mscpPoll
func mscpPoll(env C.mscp_env, batch *C.uint8_t, capacity C.size_t, length *C.size_t) C.int32_t {
	return in(env, func(e *environment) wire.Status {
		buf, ok := borrow(batch, capacity)
		if !ok || len(buf) < wire.BatchSize || length == nil {
			return wire.StatusBadArgument
		}
		*length = C.size_t(e.Poll(buf)) //nolint:gosec // never negative

		return wire.StatusOK
	})
}

//export mscpSend
func mscpSend(env C.mscp_env, handle C.uint64_t, text C.int32_t, data *C.uint8_t, length C.size_t) C.int32_t {
	return in(env, func(e *environment) wire.Status {
		message, ok := borrow(data, length)
		if !ok {
			return wire.StatusBadArgument
		}

		return e.Send(uint64(handle), text != 0, message)
	})
}

//export mscpQuery
func mscpQuery(env C.mscp_env, handle C.uint64_t, what C.uint32_t, value *C.int64_t) C.int32_t {
	return in(env, func(e *environment) wire.Status {
		if value == nil {
			return wire.StatusBadArgument
		}
		number, status := e.Query(uint64(handle), uint32(what))
		*value = C.int64_t(number)

		return status
	})
}

//export mscpTake
func mscpTake(env C.mscp_env, token C.uint64_t, room *C.uint8_t, length C.size_t) C.int32_t {
	return in(env, func(e *environment) wire.Status {
		to, ok := borrow(room, length)
		if !ok {
			return wire.StatusBadArgument
		}

		return e.Take(uint64(token), to)
	})
}

// borrow makes C memory readable for the call. It is false for what cannot be.
func borrow(data *C.uint8_t, length C.size_t) ([]byte, bool) {
	if length > maxLength || data == nil && length > 0 {
		return nil, false
	}

	return unsafe.Slice((*byte)(data), int(length)), true
}
