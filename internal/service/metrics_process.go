package service

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/wire"
)

// processMetrics does not stop the world, as runtime.ReadMemStats would.
func processMetrics() wire.ProcessMetrics {
	m := wire.ProcessMetrics{Goroutines: runtime.NumGoroutine()}
	var freeBytes uint64
	numbers := []struct {
		name string
		to   *uint64
	}{
		{"/sched/threads/total:threads", &m.Threads},
		{"/memory/classes/heap/objects:bytes", &m.HeapBytes},
		{"/gc/heap/objects:objects", &m.HeapObjects},
		{"/gc/heap/goal:bytes", &m.HeapGoalBytes},
		{"/memory/classes/total:bytes", &m.MappedBytes},
		{"/memory/classes/heap/released:bytes", &freeBytes},
	}
	samples := make([]metrics.Sample, len(numbers))
	for i, n := range numbers {
		samples[i].Name = n.name
	}
	metrics.Read(samples)
	for i, n := range numbers {
		if samples[i].Value.Kind() == metrics.KindUint64 {
			*n.to = samples[i].Value.Uint64()
		}
	}
	// What was given back to the system is Go's no more.
	m.MappedBytes -= freeBytes
	// The least, the quartiles and the most.
	pauses := debug.GCStats{PauseQuantiles: make([]time.Duration, 5)}
	debug.ReadGCStats(&pauses)
	m.Collections, m.PauseSeconds = pauses.NumGC, pauses.PauseTotal.Seconds()
	m.LongestPauseSeconds = pauses.PauseQuantiles[4].Seconds()

	return m
}
