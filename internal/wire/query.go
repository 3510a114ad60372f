package wire

// What Env.Query can read of a handle, at once and without a message.
const (
	QueryInvalid uint32 = iota
	// QueryBufferedAmount is W3C's RTCDataChannel.bufferedAmount, in bytes.
	QueryBufferedAmount
	// QueryQueuedDuration is how much sound a generator has that was not sent yet, in µs.
	QueryQueuedDuration
	// QuerySources looks at who is heard in a received stream, and counts them: that of the stream itself, then those that
	// its sender mixed. What follows is of one of them, as it was then.
	QuerySources
	// QuerySourceSSRC is its SSRC, or CSRC.
	QuerySourceSSRC
	// QuerySourceMixed is 1 for a CSRC.
	QuerySourceMixed
	// QuerySourceTimestamp is the RTP timestamp of its newest packet.
	QuerySourceTimestamp
	// QuerySourceTime is when that came, in microseconds since 1970.
	QuerySourceTime
	// QuerySourceLevel is the value of RFC 6464's header extension, or QueryNoLevel.
	QuerySourceLevel
)

// QueryNoLevel is more than the one byte of a level.
const QueryNoLevel = 256

// QueryIndexShift is where, above the number of a query, the index begins of what it is about.
const QueryIndexShift = 8

// QuerySpec ties a query to its name in lib/wire.ts.
type QuerySpec struct {
	Query uint32
	Name  string
}

// Queries lists every query.
func Queries() []QuerySpec {
	return []QuerySpec{
		{QueryBufferedAmount, "BufferedAmount"},
		{QueryQueuedDuration, "QueuedDuration"},
		{QuerySources, "Sources"},
		{QuerySourceSSRC, "SourceSSRC"},
		{QuerySourceMixed, "SourceMixed"},
		{QuerySourceTimestamp, "SourceTimestamp"},
		{QuerySourceTime, "SourceTime"},
		{QuerySourceLevel, "SourceLevel"},
	}
}
