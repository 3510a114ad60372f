// Package recorder writes what tracks deliver into containers, as it is: nothing is decoded but sound for wav. A
// Recorder is a sink that never blocks; one goroutine of its own writes. It knows media and FFmpeg's muxers (package
// av), and neither pion nor the network.
package recorder
