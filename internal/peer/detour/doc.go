// Package detour takes coded frames out of the way between a feed and packets, or between packets and a fan-out, and
// back in once the app has read, changed or dropped them: W3C's encoded transform. It sends nothing, and decodes nothing.
package detour
