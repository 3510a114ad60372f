package wire

// What Env.Query can read of a handle, at once and without a message.
const (
	QueryInvalid uint32 = iota
	// QueryBufferedAmount is W3C's RTCDataChannel.bufferedAmount, in bytes.
	QueryBufferedAmount
	// QueryAudioLevel is how loud the last packet of a receiver was, in -dBov, and 128 more if its sender
	// took it for voice (RFC 6464); 256 is unknown.
	QueryAudioLevel
	// QueryPacketTime is when that packet came, in ms since 1970, and QueryRTPTimestamp its timestamp.
	QueryPacketTime
	QueryRTPTimestamp
	// QueryQueuedDuration is how much sound a generator has that was not sent yet, in µs.
	QueryQueuedDuration
)

// QuerySpec ties a query to its name in lib/wire.ts.
type QuerySpec struct {
	Query uint32
	Name  string
}

// Queries lists every query.
func Queries() []QuerySpec {
	return []QuerySpec{
		{QueryBufferedAmount, "BufferedAmount"},
		{QueryAudioLevel, "AudioLevel"},
		{QueryPacketTime, "PacketTime"},
		{QueryRTPTimestamp, "RtpTimestamp"},
		{QueryQueuedDuration, "QueuedDuration"},
	}
}
