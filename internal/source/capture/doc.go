// Package capture chooses, opens and plays devices: cameras, screens and microphones as they come. A graph of filters
// is opened here too, as a container that a player gives its time. Files and URLs are no business of it.
package capture
