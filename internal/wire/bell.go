package wire

// The bell of an environment is a word that both sides have, read and written atomically (goexport/abi.h has the
// same numbers). A record that finds it armed rings. Who has polled all that waited arms it again without a call,
// unless another record has come: one call is enough for each time that it rings.
const (
	// BellArmed: nothing waits, and the next record rings.
	BellArmed uint32 = iota
	// BellRung: there is something to poll.
	BellRung
	// BellPolled: a poll has taken all that waited. The next record does not ring: who polled looks again.
	BellPolled
)
