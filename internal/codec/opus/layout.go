package opus

// MostChannels that an encoder takes.
const MostChannels = 8

// Layout says how the channels of sound are spread over streams of Opus, of
// which the first Coupled ones are stereo (RFC 7845 section 5.1.1).
type Layout struct {
	Streams, Coupled int
	// Mapping has one entry a channel: which of the decoded channels it is.
	Mapping []byte
}

// Mono is one stream: what RTP calls opus (RFC 7587).
func Mono() Layout { return Layout{Streams: 1, Mapping: []byte{0}} }

// Stereo is one stream of two channels.
func Stereo() Layout { return Layout{Streams: 1, Coupled: 1, Mapping: []byte{0, 1}} }

// Valid reports whether libopus can make such an encoder: each channel of each
// stream comes from exactly one of those that go in.
func (l Layout) Valid() bool {
	channels := len(l.Mapping)
	if channels < 1 || channels > MostChannels || l.Coupled < 0 || l.Streams < 1 ||
		l.Coupled > l.Streams || l.Streams+l.Coupled != channels {
		return false
	}
	var seen [MostChannels]bool
	for _, coded := range l.Mapping {
		if int(coded) >= channels || seen[coded] {
			return false
		}
		seen[coded] = true
	}
	return true
}
