//go:build !asan

// ASan has an allocator of its own, and wants to be the first library.

package av

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/frames"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// Where the process is told which allocation of FFmpeg's fails, and of which files it is to use FFmpeg.
const (
	failingEnvironment = "FAILING_ALLOCATIONS"
	clipsEnvironment   = "FAILING_ALLOCATIONS_CLIPS"
	afterEnvironment   = "FAILING_ALLOCATIONS_AFTER"
)

// As SQLite is tested: the first allocation fails, then the second, and so on, until one run has none that fails; each
// time alone, and each time with all that follow. Whoever takes memory for granted ends the process.
func TestNoAllocationOfFFmpegIsTakenForGranted(t *testing.T) {
	library := filepath.Join(t.TempDir(), "failing.so")
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Minute)
	defer cancel()
	output, err := exec.CommandContext(ctx, "cc", "-shared", "-fPIC", "-O1", "-o", library, "testdata/failing_allocations.c").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	control := filepath.Join(t.TempDir(), "control")
	if err := os.WriteFile(control, make([]byte, 2*unsafe.Sizeof(int(0))), 0o600); err != nil {
		t.Fatal(err)
	}
	clips := ""
	for _, one := range [][]string{
		{"h264.mp4", "-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac"},
		{"vp8.webm", "-c:v", "libvpx", "-c:a", "libopus"},
		{"mpeg2.ts", "-c:v", "mpeg2video", "-c:a", "mp2", "-s", "128x96"},
	} {
		clips += clip(t, one[0], append(one[1:], "-t", "0.2")...) + string(os.PathListSeparator)
	}
	for after, crashes := "", 0; ; crashes++ {
		command := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestWithoutMemory$", "-test.v")
		command.Env = append(os.Environ(), "LD_PRELOAD="+library,
			failingEnvironment+"="+control, clipsEnvironment+"="+clips, afterEnvironment+"="+after)
		output, err = command.CombinedOutput()
		if err == nil && bytes.Contains(output, []byte("allocations were failed")) {
			break
		}
		tried := regexp.MustCompile(`(?m)^tried (.*)$`).FindAllSubmatch(output, -1)
		t.Errorf("%v\n%s", err, reportOf(output))
		if len(tried) == 0 || crashes == 20 {
			break
		}
		// What comes after is found, too.
		after = string(tried[len(tried)-1][1])
	}
	t.Logf("%s", regexp.MustCompile(`(?m)^.*were failed$`).Find(output))
}

// reportOf is where a process ended, without the allocations before that one.
func reportOf(output []byte) []byte {
	lines := bytes.Split(output, []byte("\n"))
	for i := len(lines) - 1; i >= 0; i-- {
		if bytes.HasPrefix(lines[i], []byte("tried ")) {
			return bytes.Join(lines[i:min(i+30, len(lines))], []byte("\n"))
		}
	}

	return output
}

// TestWithoutMemory is the process of the test above.
func TestWithoutMemory(t *testing.T) {
	path := os.Getenv(failingEnvironment)
	if path == "" {
		return // a part of the test above
	}
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	mapped, err := unix.Mmap(int(file.Fd()), 0, 2*int(unsafe.Sizeof(int(0))), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		t.Fatal(err)
	}
	control := (*[2]int)(unsafe.Pointer(unsafe.SliceData(mapped)))
	failed := 0
	after := os.Getenv(afterEnvironment)
	for _, clip := range filepath.SplitList(os.Getenv(clipsEnvironment)) {
		if clip == "" {
			continue
		}
		for then := range 2 {
			for n := 1; ; n++ {
				this := fmt.Sprintf("%s %d %d", filepath.Base(clip), then, n)
				if after != "" {
					if this == after {
						after = ""
					}
					if n > 100_000 {
						break
					}

					continue
				}
				// What is there last is what crashed.
				fmt.Fprintln(os.Stderr, "tried "+this)
				control[1] = then
				control[0] = n
				err := useAll(t.Context(), clip)
				reached := control[0] == 0 || then == 1 && control[0] == 1
				control[0], control[1] = 0, 0
				if reached {
					failed++
					continue
				}
				if err != nil {
					t.Errorf("%s, with memory: %v", clip, err)
				}
				break
			}
		}
	}
	fmt.Println(strconv.Itoa(failed) + " allocations were failed")
}

// useAll reads, decodes, converts, scales and writes a clip.
func useAll(ctx context.Context, path string) error {
	root, err := os.OpenRoot(filepath.Dir(path))
	if err != nil {
		return err
	}
	d, err := OpenFile(ctx, Folder{Path: filepath.Dir(path), Root: root}, filepath.Base(path))
	if err != nil {
		return err
	}
	defer d.Close()
	var failures []error
	scaler, resampler := &Scaler{}, NewResampler(16_000, 1)
	defer scaler.Close()
	defer resampler.Close()
	pictures, sounds := make(map[int]*VideoDecoder), make(map[int]*AudioDecoder)
	for _, s := range d.Streams() {
		if s.Kind == media.Video {
			if pictures[s.Index], err = NewVideoDecoder(s); err == nil {
				defer pictures[s.Index].Close()
			}
		} else if sounds[s.Index], err = NewAudioDecoder(s); err == nil {
			defer sounds[s.Index].Close()
		}
		failures = append(failures, err)
	}
	failures = append(failures, useMuxer("webm"), useMuxer("mp4"), useFilter(), useEncoder())
	for {
		p, err := d.Read()
		if err != nil {
			if !errors.Is(err, io.EOF) {
				failures = append(failures, err)
			}
			break
		}
		if decoder := pictures[p.Stream]; decoder != nil {
			failures = append(failures, decoder.Send(p), pull(decoder, scaler))
		}
		if decoder := sounds[p.Stream]; decoder != nil {
			failures = append(failures, decoder.Send(p), hear(decoder, resampler))
		}
		p.Release()
	}

	return errors.Join(failures...)
}

func pull(decoder *VideoDecoder, scaler *Scaler) error {
	for {
		picture, _, err := decoder.Receive(nil)
		if errors.Is(err, ErrAgain) || errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		small, err := scaler.Scale(picture, 32, 24)
		if err == nil {
			small.Release()
		}
		picture.Release()
		if err != nil {
			return err
		}
	}
}

func hear(decoder *AudioDecoder, resampler *Resampler) error {
	for {
		sound, err := decoder.Receive()
		if errors.Is(err, ErrAgain) || errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if _, err := resampler.Convert(sound); err != nil {
			return err
		}
	}
}

// useFilter turns a picture.
func useFilter() error {
	picture, err := frames.Make(frames.Head{Kind: frames.KindVideo, Format: float64(frames.RGBA), Width: 64, Height: 48, Rotation: 90})
	if err != nil {
		return err
	}
	defer picture.Release()
	converter := &PictureConverter{}
	defer converter.Close()
	upright, err := converter.ToI420(picture, 0)
	if err == nil {
		upright.Release()
	}

	return err
}

func useEncoder() error {
	encoder, err := NewAudioEncoder("pcm_mulaw", 8000, 160)
	if err != nil {
		return err
	}
	defer encoder.Close()
	_, err = encoder.Encode(make([]int16, 160))

	return err
}

func useMuxer(format string) error {
	var written bytes.Buffer
	m, err := NewMuxer(format, map[string]string{}, []OutputStream{
		{Codec: "opus", SampleRate: 48_000, Channels: 2, Extradata: []byte("OpusHead\x01\x02\x00\x00\x80\xbb\x00\x00\x00\x00\x00")},
		{Codec: "vp9", Width: 64, Height: 48},
	}, &seekable{Buffer: &written})
	if err != nil {
		return err
	}
	defer m.Close()
	for i := range 10 {
		at := time.Duration(i) * 20 * time.Millisecond
		if err := errors.Join(
			m.Write(0, []byte{0xfc, 0xff, 0xfe}, at, 20*time.Millisecond, true),
			m.Write(1, []byte{0x82, 0x49, 0x83, 0x42, 0x00, 0x03, 0xf0, 0x02, 0xf6}, at, 20*time.Millisecond, i == 0),
		); err != nil {
			return err
		}
	}
	if err := m.Flush(); err != nil {
		return err
	}

	return m.Finish()
}

// seekable only says that it seeks: what matters here is what is taken for it.
type seekable struct{ *bytes.Buffer }

func (*seekable) Seek(int64, int) (int64, error) { return 0, nil }
