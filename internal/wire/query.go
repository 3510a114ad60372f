package wire

// What Env.Query can read of a handle, at once and without a message.
const (
	QueryInvalid uint32 = iota
	// QueryBufferedAmount is W3C's RTCDataChannel.bufferedAmount, in bytes.
	QueryBufferedAmount
)

// QuerySpec ties a query to its name in lib/wire.ts.
type QuerySpec struct {
	Query uint32
	Name  string
}

// Queries lists every query.
func Queries() []QuerySpec {
	return []QuerySpec{{QueryBufferedAmount, "BufferedAmount"}}
}
