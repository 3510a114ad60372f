// Package container opens files and knows what a container holds: which of its streams are played, how it is
// read on or begun anew, and what it is called when that fails. Where packets come from is a Demuxer: FFmpeg's, or
// what reads that ahead. When they are played is not decided here.
package container
