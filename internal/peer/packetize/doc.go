// Package packetize cuts encoded frames into the payloads and timestamps of RTP packets, with what tells a server their
// layers: payload descriptors of VP8 and VP9, and dependency descriptors. It knows no network, no stream's numbers and no
// encoder. It gives a Packetizer for each stream.
package packetize
