package media

// RawSink takes raw pictures and sound, one at a time, on the source's goroutine. It does not block.
type RawSink interface {
	// WriteVideo is lent frame: who keeps it calls Retain.
	WriteVideo(frame *VideoFrame)
	// WriteAudio is lent frame for the call.
	WriteAudio(frame *AudioFrame)
}

// RawTrack is a Track whose pictures or sound are there before they are encoded.
type RawTrack interface {
	Track
	// AttachRaw starts delivery to sink, of a disabled track too: who reads looks at Enabled.
	AttachRaw(sink RawSink) (Feed, error)
	Enabled() bool
}

// CodedTrack is a Track that comes in one codec, and is decoded to be read.
type CodedTrack interface {
	Track
	Codec() Codec
	// AttachReader is Attach in that codec, of a disabled track too: who reads looks at Enabled.
	AttachReader(sink Sink) (Feed, error)
	Enabled() bool
}
