package capture

import (
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/container"
)

const (
	// cameraPoll is how often a camera is asked for a picture that is due: FFmpeg gives
	// nothing to wait for, and would wait deaf to all else.
	cameraPoll = 4 * time.Millisecond
	// mostCameraPause is how long it is left alone at the most, for one that gets faster.
	mostCameraPause = 100 * time.Millisecond
	// mostAge is how old a picture may be for what its driver says of it to be believed.
	mostAge = time.Second
)

// cameraClock tells when the pictures of a camera were taken, on the clock of its source,
// and when to look for the next.
type cameraClock struct {
	began time.Time
	// last is the place of the newest picture, came when that was read.
	last     time.Duration
	came     time.Time
	interval time.Duration
}

func newCameraClock(now time.Time) cameraClock {
	return cameraClock{began: now, last: av.NoTime}
}

// place is where a picture goes that was read now; stamp is the driver's, of the clock
// that never jumps or of the wall's. Of any other it goes where it came.
func (c *cameraClock) place(stamp time.Duration, now time.Time, steady time.Duration) time.Duration {
	at := now.Sub(c.began)
	if stamp != av.NoTime {
		for _, clock := range []time.Duration{steady, time.Duration(now.UnixNano())} {
			if age := clock - stamp; age >= 0 && age < mostAge {
				at -= age
				break
			}
		}
	}
	at = max(at, 0)
	c.interval = 0
	if c.last != av.NoTime {
		at = max(at, c.last+container.LeastBetween)
		c.interval = at - c.last
	}
	c.last, c.came = at, now
	return at
}

// pause is how long no picture is to be expected.
func (c *cameraClock) pause(now time.Time) time.Duration {
	until := min(c.interval, mostCameraPause) - cameraPoll - now.Sub(c.came)
	return max(until, cameraPoll)
}
