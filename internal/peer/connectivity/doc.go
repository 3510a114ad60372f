// Package connectivity is the way to the server below RTP and SCTP: sockets that outlive restarts of ICE, ICE over TCP, what
// hastens and what explains ICE, DTLS, and the server's half of the one negotiation. Streams, channels and their packets are
// not for it. It gives pion its settings, and takes numbers, not SDP, from who connects.
package connectivity
