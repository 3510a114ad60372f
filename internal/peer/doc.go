// Package peer is the network: one pion peer connection for each transport of mediasoup-client, its senders, receivers and
// data channels. It is the door to the rooms below it: who has which stream, what may still be asked of a connection, and how
// it ends lives here; what packets go through does not, but in packetize, sending, connectivity, feedback, hearing, jitter
// and stats. These import each other in one direction, and never this package; rtpwire and guarded import none of them.
package peer
