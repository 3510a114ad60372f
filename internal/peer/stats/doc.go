// Package stats writes W3C's statistics (webrtc-stats) of numbers that others have counted, and selects among them. It asks
// nobody for numbers, and keeps none. It gives entries, which are not changed once they are given.
package stats
