package generated

import (
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/container"
)

const (
	// mostApart is how far the times of pictures may be from when they were written to be believed.
	mostApart = 200 * time.Millisecond
	// pull is the part of that distance that is made up for with each picture: clocks differ a little.
	pull = 32
)

// times maps the app's times of pictures to the clock of the source, on which they are only even: a picture is
// never far from when it was written, nor two at the same time, whatever the app says.
type times struct {
	// stamped says that stamp is the app's time of the picture at last.
	stamped bool
	stamp   time.Duration
	last    time.Duration
}

// place is where a picture goes that was written at arrival.
func (t *times) place(stamp, arrival time.Duration) time.Duration {
	at := arrival
	if step := stamp - t.stamp; t.stamped && step > 0 {
		if apart := arrival - (t.last + step); apart.Abs() <= mostApart {
			at = t.last + step + apart/pull
		}
	}
	at = max(at, t.last+container.LeastBetween)
	t.stamped, t.stamp, t.last = true, stamp, at
	return at
}

// again is where a picture goes that is shown again.
func (t *times) again(now time.Duration) time.Duration {
	t.stamped, t.last = false, max(now, t.last+container.LeastBetween)
	return t.last
}
