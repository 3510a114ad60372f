// Package hearing makes of how loud each packet of sound says it is (RFC 6464) what a listener wants to know: a level now and
// then, and where speech begins and ends. It decodes nothing, knows no stream, and asks for nothing: it says until when it
// waits. It gives a Listener for each stream that somebody listens to.
package hearing
