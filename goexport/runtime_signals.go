package main

// For what they do before the library is used.
import (
	_ "github.com/mediasoup-client-pion/mediasoup-client-pion/internal/core/childsignal"
	_ "github.com/mediasoup-client-pion/mediasoup-client-pion/internal/core/preemption"
)
