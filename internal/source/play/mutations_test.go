package play

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// mutated writes the file of a number, always the same, into a folder of its own.
func (s *seeds) mutated(t *testing.T, number int) string {
	random := rand.New(rand.NewPCG(uint64(number), 13))
	of := s.all[number%len(s.all)]
	folder := filepath.Join(s.folder, fmt.Sprintf("%d-%s", number, strings.ReplaceAll(of.name, ".", "-")))
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Error(err)
	}
	changed := of.names[random.IntN(len(of.names))]
	if random.IntN(2) == 0 {
		changed = of.name
	}
	for name, content := range of.files {
		if name == changed {
			other := s.all[random.IntN(len(s.all))]
			content = mutate(random, bytes.Clone(content), other.files[other.name])
		}
		if err := os.WriteFile(filepath.Join(folder, name), content, 0o600); err != nil {
			t.Error(err)
		}
	}

	return filepath.Join(folder, of.name)
}

// mutate does something to content, a few times.
func mutate(random *rand.Rand, content, other []byte) []byte {
	for range 1 + random.IntN(4) {
		if len(content) < 8 {
			return content
		}
		if isText(content) && random.IntN(4) > 0 {
			content = mutateText(random, content)

			continue
		}
		content = mutations[random.IntN(len(mutations))](random, content, other)
	}

	return content
}

// at is a place, half of the time where heads are.
func at(random *rand.Rand, content []byte) int {
	if random.IntN(2) == 0 {
		return random.IntN(min(len(content), 256))
	}

	return random.IntN(len(content))
}

// extremes are what sizes and counts are set to.
var extremes = []uint64{
	0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0xffffff, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff, 1 << 32, 1<<63 - 1, 1 << 63, 1<<64 - 1,
}

var mutations = []func(random *rand.Rand, content, other []byte) []byte{
	// Bits.
	func(random *rand.Rand, content, _ []byte) []byte {
		for range 1 + random.IntN(16) {
			content[at(random, content)] ^= 1 << random.IntN(8)
		}

		return content
	},
	// Sizes, of any width and order of bytes.
	func(random *rand.Rand, content, _ []byte) []byte {
		value, width := extremes[random.IntN(len(extremes))], 1<<random.IntN(4)
		var number []byte
		if random.IntN(2) == 0 {
			number = binary.BigEndian.AppendUint64(nil, value)[8-width:]
		} else {
			number = binary.LittleEndian.AppendUint64(nil, value)[:width]
		}
		copy(content[at(random, content):], number)

		return content
	},
	// The end is missing.
	func(random *rand.Rand, content, _ []byte) []byte { return content[:1+random.IntN(len(content)-1)] },
	// A block comes again elsewhere, over what is there or between it.
	func(random *rand.Rand, content, _ []byte) []byte {
		from := at(random, content)
		block := bytes.Clone(content[from:min(from+1+random.IntN(512), len(content))])
		to := at(random, content)
		if random.IntN(2) == 0 {
			copy(content[to:], block)

			return content
		}

		return append(append(bytes.Clone(content[:to]), block...), content[to:]...)
	},
	// A block is missing.
	func(random *rand.Rand, content, _ []byte) []byte {
		from := at(random, content)

		return append(bytes.Clone(content[:from]), content[min(from+1+random.IntN(512), len(content)):]...)
	},
	// A block is all the same.
	func(random *rand.Rand, content, _ []byte) []byte {
		from := at(random, content)
		for i := from; i < min(from+1+random.IntN(64), len(content)); i++ {
			content[i] = byte(random.IntN(2) * 255)
		}

		return content
	},
	// It goes on, or has a block, as another format.
	func(random *rand.Rand, content, other []byte) []byte {
		if len(other) == 0 {
			return content
		}
		from := random.IntN(len(other))
		if random.IntN(2) == 0 {
			copy(content[at(random, content):], other[from:min(from+1024, len(other))])

			return content
		}

		return append(bytes.Clone(content[:at(random, content)]), other[from:]...)
	},
}

func isText(content []byte) bool {
	return bytes.HasPrefix(content, []byte("#EXTM3U")) || bytes.HasPrefix(content, []byte("<?xml"))
}

var digits = regexp.MustCompile(`\d+`)

// mutateText changes a number, a name or a line of a playlist.
func mutateText(random *rand.Rand, content []byte) []byte {
	lines := bytes.Split(content, []byte{'\n'})
	line := random.IntN(len(lines))
	switch random.IntN(4) {
	case 0:
		value := fmt.Sprint(extremes[random.IntN(len(extremes))])
		lines[line] = digits.ReplaceAll(lines[line], []byte([]string{value, "-" + value, value + ".5e300", ""}[random.IntN(4)]))
	case 1:
		names := []string{"../a", "/etc/passwd", "file:///etc/passwd", "http://127.0.0.1:1/", "a.m3u8", "a.mpd", strings.Repeat("a", 5000), "data:,a", "concat:a|b"}
		lines[line] = []byte(names[random.IntN(len(names))])
	case 2:
		lines = append(lines, bytes.Repeat(append(lines[line], '\n'), 1+random.IntN(1000)))
	default:
		lines = append(lines[:line], lines[line+1:]...)
	}

	return bytes.Join(lines, []byte{'\n'})
}
