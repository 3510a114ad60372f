// Package sending is what RTP packets pass on their way to SRTP: congestion control, pacing, repairs, counts, and the clocks
// that frames are timed by. It knows packets and streams by their numbers; tracks, encoders and who owns a stream are not
// for it. It gives Streams of frames, their Control, and the way out (Gate).
package sending
