package sending

import "time"

// Meter measures a bitrate from a count of bytes.
type Meter struct {
	bitrate float64
	bytes   uint64
	at      time.Time
}

// Measure counts what was added since the last time, over half a second at least.
// It falls more slowly than it rises.
func (m *Meter) Measure(bytes uint64, now time.Time) int {
	const period = 500 * time.Millisecond
	elapsed := now.Sub(m.at)
	switch {
	case m.at.IsZero() || bytes < m.bytes:
		m.bitrate = 0
	case elapsed < period:
		return int(m.bitrate)
	default:
		bitrate := float64(bytes-m.bytes) * 8 / elapsed.Seconds()
		m.bitrate = max(bitrate, (bitrate+m.bitrate)/2)
	}
	m.bytes, m.at = bytes, now

	return int(m.bitrate)
}
