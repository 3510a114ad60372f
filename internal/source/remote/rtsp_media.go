package remote

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Payload types that say something by themselves (RFC 3551 section 6): those of RTCP, where it comes with RTP, are none of
// media (RFC 5761 section 4).
const (
	comfortNoise = 13
	firstOfRTCP  = 64
	firstDynamic = 96
)

// static names the codecs of payload types that an SDP need not tell of.
func static() map[int]string {
	return map[int]string{
		0: "PCMU", 3: "GSM", 4: "G723", 8: "PCMA", 9: "G722", 10: "L16", 11: "L16", 14: "MPA",
		26: "JPEG", 31: "H261", 32: "MPV", 33: "MP2T", 34: "H263",
	}
}

// watchedMedia is one line of media, and what came of it by payload type since something of its kind was read.
type watchedMedia struct {
	kind    string
	control string
	types   []int
	codecs  map[int]string
	// asked media are of sound or pictures, and were set up.
	asked bool

	came      map[int]arrival
	timestamp uint32
	// read says that something of its kind could be read.
	read bool
}

// arrival counts packets of a payload type, and pictures of one that the SDP has.
type arrival struct {
	n           int
	first, last time.Time
}

func (a arrival) lasted() time.Duration { return a.last.Sub(a.first) }

func (a arrival) enough() bool { return a.n >= leastWatched && a.lasted() >= watchedFor }

// take counts a packet, and reports whether it says anything.
func (m *watchedMedia) take(payloadType int, timestamp uint32, now time.Time) bool {
	if !m.asked || payloadType == comfortNoise || payloadType >= firstOfRTCP && payloadType < firstDynamic {
		return false
	}
	one, came := m.came[payloadType]
	if came && timestamp == m.timestamp && slices.Contains(m.types, payloadType) {
		// More of a picture, which may come slowly.
		return false
	}
	if !came {
		one.first = now
	}
	one.n, one.last, m.timestamp = one.n+1, now, timestamp
	m.came[payloadType] = one
	return true
}

// other says that all that comes is of other payload types than the SDP's.
func (m *watchedMedia) other() (other bool) {
	for payloadType, one := range m.came {
		if slices.Contains(m.types, payloadType) {
			return false
		}
		other = other || one.enough()
	}
	return other
}

// hopeful says that what comes may be as it should be.
func (m *watchedMedia) hopeful(analysis time.Duration) bool {
	return m.read || len(m.types) > 0 && m.came[m.types[0]].n > 0 && m.arrived(analysis) == ""
}

// arrived says what came, if that was enough of it; else "".
func (m *watchedMedia) arrived(analysis time.Duration) string {
	for _, payloadType := range slices.Sorted(maps.Keys(m.came)) {
		var but string
		one, codec := m.came[payloadType], m.codec(payloadType)
		switch {
		case !one.enough():
			continue
		case !slices.Contains(m.types, payloadType):
			but = "where its SDP tells of " + m.told()
		case one.lasted() < analysis:
			continue
		case payloadType != m.types[0]:
			but = "but of its SDP, which tells of " + m.told() + ", only the first is read"
		case codec == "":
			but = "of which its SDP tells no codec"
		default:
			but = fmt.Sprintf("of which nothing can be read as the %s of its SDP", codec)
		}
		return fmt.Sprintf("packets of payload type %d come, %s", payloadType, but)
	}
	return ""
}

// codec is that of a payload type, "" if it isn't known.
func (m *watchedMedia) codec(payloadType int) string {
	if codec := m.codecs[payloadType]; codec != "" {
		return codec
	}
	return static()[payloadType]
}

// told lists the payload types of the SDP.
func (m *watchedMedia) told() string {
	if len(m.types) == 0 {
		return "none"
	}
	var all []string
	for _, one := range m.types[:min(len(m.types), 10)] {
		text := strconv.Itoa(one)
		if codec := m.codec(one); codec != "" {
			text += " (" + codec + ")"
		}
		all = append(all, text)
	}
	return strings.Join(all, ", ")
}
