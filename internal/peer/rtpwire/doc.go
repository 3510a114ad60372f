// Package rtpwire is what several rooms of a peer know of RTP on the wire: the names of header extensions and codecs, the
// sizes of a packet, NTP's times. It keeps no state, and imports no other room.
package rtpwire
