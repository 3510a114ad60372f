// Package play plays a container in real time on one clock: it decodes what is to be decoded, hands out what is due,
// and begins anew at the end of a loop. It delivers raw pictures and sound to an Output, which it knows nothing else of.
package play
