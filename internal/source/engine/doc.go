// Package engine is the contract between a source and what plays it: a player of containers, or a device. It
// has no code, so that the rooms that play need not know the door that they play for.
package engine
