// Package hooks is what tests and benchmarks ask of the core and nobody else does: an echo of requests and bytes,
// what is still running, a collection of garbage, a panic. The library that users have does not hold it: it is built
// with the tag hooks into another (scripts/lib/go-library.mjs), which test/hooks loads.
//
// test/hooks/messages.ts has the same messages.
package hooks

import (
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/core"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/wire"
)

// The methods, numbered where package wire has none.
const (
	// Echo is answered with what it says, on the environment.
	Echo wire.Method = 1<<16 + iota
	// EchoChannel makes an echo channel, on the environment.
	EchoChannel
	// EchoBurst and EchoClose are of an echo channel.
	EchoBurst
	EchoClose
	// Goroutines counts those of all environments of the process, on the environment.
	Goroutines
	// WorkerPanic panics on a goroutine of a worker.
	WorkerPanic
	// Crash ends the process, on the environment.
	Crash
	// WorkerFlood has a worker log lines and change its state, on a goroutine.
	WorkerFlood
	// Collect frees all memory that Go and C do not need, on the environment, and says what C needs.
	Collect
	// Look counts the goroutines and callbacks of a worker that begin from now on, and has one of them panic.
	Look
	// Places tells how many began, on the environment.
	Places
	// LookAnywhere is Look for what is of no worker's context, on the environment.
	LookAnywhere
)

// EchoTick is the event of an echo channel.
const EchoTick wire.Event = 1 << 16

// Text is sent back as it came.
type Text struct {
	Text string `json:"text" most:"1048576"`
}

// Burst asks an echo channel for events and messages of its own, in turn.
type Burst struct {
	Events   int `json:"events"`
	Messages int `json:"messages"`
	// Size of each message, in bytes.
	Size int `json:"size"`
}

// Tick numbers the events of a Burst, from 0.
type Tick struct {
	Number int `json:"number"`
}

// Stacks counts goroutines by the functions that they are in, the innermost first.
type Stacks struct {
	ByStack map[string]int `json:"byStack"`
}

// Flood is how many lines a worker logs at debug, and how many states it tells of. The file Done is made at the end: a
// thread that is blocked sees it.
type Flood struct {
	Lines  int    `json:"lines"`
	States int    `json:"states"`
	Done   string `json:"done"`
}

// Crashing says how to crash: map, memory or nil, or as package av's Crashes.
type Crashing struct {
	How string `json:"how"`
}

// Allocated is what C has of malloc, in bytes.
type Allocated struct {
	Bytes uint64 `json:"bytes"`
}

// Began counts what began, by place.
type Began struct {
	Places map[string]int `json:"places"`
}

// Looking has the n-th that begins at a place panic; the 0-th is none. A place that ends with an ellipsis is any that begins
// so.
type Looking struct {
	Place string `json:"place"`
	Entry int    `json:"entry"`
}

// Looked is a worker that was looked at; 0 is anywhere else.
type Looked struct {
	Worker uint64 `json:"worker"`
}

// Register has a registry answer what knows neither of C nor of workers.
func Register(r *core.Registry) {
	core.Handle(r, Echo, func(_ *core.Call, body Text) (Text, error) { return body, nil })
	core.Handle(r, Goroutines, func(*core.Call, wire.Empty) (Stacks, error) { return Stacks{goroutinesByStack()}, nil })
	registerEcho(r)
}
