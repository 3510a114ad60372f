package play

import "github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"

// outcome is what the decoder of a kind made of its packets.
type outcome struct {
	kind media.Kind
	// drained says that nothing more of it follows in this loop.
	drained bool
	decoded int
	// failure is the last error of decoding.
	failure error
	// undecoded is what was given to the decoder since it made something of it.
	undecoded undecoded
}

// made counts what was decoded.
func (o *outcome) made() {
	o.decoded++
	o.undecoded.none()
}

func (o *outcome) fail(err error) { o.failure, o.undecoded.failure = err, err }

func (o *outcome) restart() {
	o.drained = false
	o.undecoded.restart()
}

func (o *outcome) Exhausted() bool { return o.drained }

func (o *outcome) Result() (decoded int, failure error) { return o.decoded, o.failure }

func (o *outcome) Lost() error { return o.undecoded.reason(o.kind) }
