// Package reading takes the packets of a container apart by stream, and keeps their times going on: over jumps in a
// file, from round to round, and for who joins in the middle. What is done with a packet, and when, is not its business.
package reading
