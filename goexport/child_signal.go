package main

// For what it does before the library is used.
import _ "github.com/mediasoup-client-pion/mediasoup-client-pion/internal/core/childsignal"
