// Package jitter makes frames of the packets of a stream that somebody reads: it orders them, waits for those that are
// missing as long as they may come, and takes payloads apart. It knows no server and no reader, and asks for
// nothing: it says what it lacks. It gives an Assembler for each stream that is read.
package jitter
