package rtpwire

import (
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// ntpEpoch is 1900 in Unix time (RFC 5905 section 6).
const ntpEpoch = -2208988800

// NTPTime is seconds since 1900 in 32.32 bits, by the steady time of day: who reckons with two of them minds no clock that is set.
func NTPTime(t time.Time) uint64 {
	t = media.Steady(t)
	seconds := uint64(t.Unix() - ntpEpoch)                         //nolint:gosec // after 1900
	fraction := uint64(t.Nanosecond()) << 32 / uint64(time.Second) //nolint:gosec // never negative

	return seconds<<32 | fraction
}

// CompactNTP is the middle of an NTP time: seconds in 16.16 bits.
func CompactNTP(t time.Time) uint32 {
	return uint32(NTPTime(t) >> 16) //nolint:gosec // the middle is meant
}

// TimeOfNTP is the time that NTPTime makes a number of.
func TimeOfNTP(ntp uint64) time.Time {
	seconds := int64(ntp>>32) + ntpEpoch                            //nolint:gosec // 32 bits
	nanoseconds := int64(ntp&0xffffffff) * int64(time.Second) >> 32 //nolint:gosec // below a second

	return time.Unix(seconds, nanoseconds)
}
