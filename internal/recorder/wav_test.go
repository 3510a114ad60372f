package recorder

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
)

// sparse leaves out silence: it takes no room on disk.
type sparse struct{ *os.File }

var silence = make([]byte, 16<<20)

func (s sparse) Write(b []byte) (int, error) {
	if len(b) > 4096 && len(b) <= len(silence) && bytes.Equal(b, silence[:len(b)]) {
		_, err := s.Seek(int64(len(b)), io.SeekCurrent)

		return len(b), err
	}

	return s.File.Write(b)
}

func TestSoundBeyondFourGigabytesPlaysToItsEnd(t *testing.T) {
	wav, err := containerOf("wav")
	if err != nil {
		t.Fatal(err)
	}
	const second = 48_000 * 2 * 2
	for name, length := range map[string]time.Duration{"RIFF": 2 * time.Second, "RF64": (1<<32/second + 100) * time.Second} {
		path, output := create(t, "out.wav")
		stream := av.OutputStream{Codec: "pcm_s16le", SampleRate: 48_000, Channels: 2}
		muxer, err := av.NewMuxer(wav.muxer, wav.options, []av.OutputStream{stream}, sparse{output.(*file).handle.(*os.File)})
		if err != nil {
			t.Fatal(err)
		}
		// The last second is heard.
		const most = 80 * time.Second
		for at := time.Duration(0); at < length; {
			part := min(most, max(length-time.Second-at, 0))
			data := silence[:int(part/time.Second)*second]
			if part == 0 {
				part, data = time.Second, bytes.Repeat([]byte{0, 0x20, 0, 0x20, 0, 0xe0, 0, 0xe0}, second/8)
			}
			if err := muxer.Write(0, data, at, part, true); err != nil {
				t.Fatal(err)
			}
			at += part
		}
		if err := muxer.Finish(); err != nil {
			t.Fatal(err)
		}
		muxer.Close()
		if err := output.Close(); err != nil {
			t.Fatal(err)
		}
		if head := read(t, path, 4); head != name {
			t.Errorf("it begins with %q, want %q", head, name)
		}
		told, err := exec.CommandContext(t.Context(), "ffprobe", "-v", "error", "-show_entries", "format=duration",
			"-of", "csv=p=0", path).Output()
		if seconds, _ := strconv.ParseFloat(strings.TrimSpace(string(told)), 64); err != nil || seconds != length.Seconds() {
			t.Errorf("%s of %v: %q, %v", name, length, told, err)
		}
		last, err := exec.CommandContext(t.Context(), "ffmpeg", "-v", "error", "-sseof", "-1", "-i", path, "-f", "s16le", "-").Output()
		if err != nil || len(last) != second || bytes.Equal(last, silence[:second]) {
			t.Errorf("%s: its last second has %d bytes, %v", name, len(last), err)
		}
	}
}

func read(t *testing.T, path string, n int) string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	begin := make([]byte, n)
	if _, err := io.ReadFull(f, begin); err != nil {
		t.Fatal(err)
	}

	return string(begin)
}
