// Package passing hands out the packets of a container as they are: it finds out which can go so, gives feeds the
// group of pictures that plays to begin with, and paces those that catch up. Nothing is decoded here; what the formats
// of packets are is known to the package format within.
package passing
