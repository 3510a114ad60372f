// Package guarded stands between pion and what pion calls on goroutines of its own: a panic there is told to its owner and
// becomes the error of the call. Only what forwards lives here; it gives wrappers of pion's interfaces, and of the sockets that these open.
package guarded
