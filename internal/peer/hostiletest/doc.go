// Package hostiletest is a server for tests that has valid keys and no manners: over a connection that ICE, DTLS
// and SCTP have established it writes whatever it likes. What it likes comes of a seed.
package hostiletest
