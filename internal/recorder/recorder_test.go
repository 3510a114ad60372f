package recorder

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fakeTrack is a received track whose frames the test gives.
type fakeTrack struct {
	media.Life
	kind  media.Kind
	codec media.Codec
	mu    sync.Mutex
	sink  media.Sink
	asked int
	// open is how many feeds are not closed.
	open int
}

func (t *fakeTrack) ID() string         { return "fake" }
func (t *fakeTrack) Kind() media.Kind   { return t.kind }
func (t *fakeTrack) Codec() media.Codec { return t.codec }
func (t *fakeTrack) SetEnabled(on bool) { t.Enable(on) }
func (t *fakeTrack) Stop()              { t.End(nil) }
func (t *fakeTrack) Attach(_ media.Codec, _ media.EncodingSettings, sink media.Sink) (media.Feed, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.sink = sink
	t.open++

	return t, nil
}

func (t *fakeTrack) RequestKeyframe() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.asked++
}
func (t *fakeTrack) SetTargetBitrate(int)   {}
func (t *fakeTrack) Stats() media.FeedStats { return media.FeedStats{} }
func (t *fakeTrack) Close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.open--
}

// clock is a time that the test moves.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()

	return c.at
}

func (c *clock) set(begin time.Time, at time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = begin.Add(at)
}

func codecNamed(t testing.TB, mimeType string) media.Codec {
	t.Helper()
	for _, kind := range []media.Kind{media.Video, media.Audio} {
		for _, c := range codec.Supported(kind) {
			if c.MimeType == mimeType {
				return c
			}
		}
	}
	t.Fatal("unknown codec " + mimeType)

	return media.Codec{}
}

// pictures are coded at 25 a second; from half of them on in another size, if resizes.
func pictures(t testing.TB, c media.Codec, n int, resizes bool) (frames []*media.EncodedFrame) {
	t.Helper()
	encoder, _, err := codec.NewVideoEncoder(c, codec.VideoSettings{Framerate: 25, Bitrate: 300_000})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = encoder.Close() }()
	for i := range n {
		width, height := 160, 120
		if resizes && i >= n/2 {
			width, height = 320, 180
		}
		picture := media.NewVideoFrame(width, height)
		for j := range picture.Y {
			picture.Y[j] = byte(i*7 + j)
		}
		picture.PTS = time.Duration(i) * 40 * time.Millisecond
		data, keyframe, err := encoder.Encode(picture, i%25 == 0)
		if err != nil {
			t.Fatal(err)
		}
		if len(data) > 0 {
			frames = append(frames, &media.EncodedFrame{Data: data, Keyframe: keyframe, PTS: picture.PTS})
		}
	}

	return frames
}

// tones are packets of 20 ms.
func tones(t testing.TB, c media.Codec, n int) (frames []*media.EncodedFrame) {
	t.Helper()
	encoder, _, err := codec.NewAudioEncoder(c, codec.AudioSettings{Stereo: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = encoder.Close() }()
	samples := make([]int16, encoder.SampleRate()/50*encoder.Channels())
	for i := range n {
		for j := range samples {
			samples[j] = int16((i*31 + j*97) % 8000)
		}
		data, err := encoder.Encode(samples)
		if err != nil {
			t.Fatal(err)
		}
		frames = append(frames, &media.EncodedFrame{Data: append([]byte(nil), data...), PTS: time.Duration(i) * 20 * time.Millisecond})
	}

	return frames
}

// recording is a Recorder that the test feeds.
type recording struct {
	*Recorder
	clock *clock
	begin time.Time
	err   error
	stats Stats
	scope sync.WaitGroup
}

func opened(output Output) func(bool) (Output, error) {
	return func(bool) (Output, error) { return output, nil }
}

func record(t testing.TB, container string, output Output, tracks ...media.Track) *recording {
	t.Helper()
	begin := time.Unix(1000, 0)
	r := &recording{clock: &clock{at: begin}, begin: begin}
	var err error
	r.Recorder, err = start(Options{
		Container: container, Tracks: tracks, Open: opened(output),
		Done: func(err error, stats Stats) { r.err, r.stats = err, stats },
		Go: func(_ string, f func(context.Context), finally func()) {
			r.scope.Go(func() {
				defer finally()
				f(context.Background())
			})
		},
	}, r.clock.now)
	if err != nil {
		t.Fatal(err)
	}

	return r
}

// feed gives a track its frames, each as late as late says.
func (r *recording) feed(track *fakeTrack, frames []*media.EncodedFrame, late func(i int) time.Duration) {
	for i, frame := range frames {
		r.clock.set(r.begin, frame.PTS+late(i))
		track.sink.WriteFrame(frame)
	}
}

func (r *recording) finish() {
	r.Stop()
	r.Wait()
	r.scope.Wait()
}

func create(t testing.TB, name string) (string, Output) {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	output, err := Create(path)
	if err != nil {
		t.Fatal(err)
	}

	return path, output
}

// decode decodes every frame of a file, and counts those of each stream.
func decode(t testing.TB, path string) (counts []int) {
	t.Helper()
	arguments := []string{"-v", "error", "-count_frames", "-show_entries", "stream=index,nb_read_frames", "-of", "csv=p=0"}
	if strings.HasSuffix(path, ".m3u8") {
		path = settled(t, path)
	}
	text, err := exec.CommandContext(t.Context(), "ffprobe", append(arguments, path)...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		index, count, found := strings.Cut(line, ",")
		if line == "" || index != strconv.Itoa(len(counts)) {
			// A playlist's programs come before its streams.
			continue
		}
		n, err := strconv.Atoi(count)
		if count != "N/A" && (err != nil || !found) {
			t.Fatalf("ffprobe: %s", text)
		}
		counts = append(counts, n)
	}

	return counts
}

// settled is a playlist as it is by now: a reader of one that grows waits for more.
func settled(t testing.TB, path string) string {
	t.Helper()
	text, err := os.ReadFile(path) //nolint:gosec // the test's own
	if err != nil {
		t.Fatal(err)
	}
	now := filepath.Join(filepath.Dir(path), "now.m3u8")
	if err := os.WriteFile(now, append(text, "#EXT-X-ENDLIST\n"...), 0o600); err != nil {
		t.Fatal(err)
	}

	return now
}

// times are those of the packets of a stream.
func times(t testing.TB, path, stream string) (all []time.Duration) {
	t.Helper()
	text, err := exec.CommandContext(t.Context(), "ffprobe", "-v", "error", "-select_streams", stream, "-show_entries",
		"packet=pts_time", "-of", "csv=p=0", path).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	for line := range strings.Lines(string(text)) {
		line = strings.Trim(line, ",\n ")
		if line == "" {
			// Side data.
			continue
		}
		seconds, err := strconv.ParseFloat(line, 64)
		if err != nil {
			t.Fatalf("ffprobe: %s", text)
		}
		all = append(all, time.Duration(seconds*float64(time.Second)))
	}

	return all
}

func punctual(int) time.Duration { return 0 }

func TestEveryFrameOfEachContainerAndCodecPlays(t *testing.T) {
	for _, test := range []struct{ container, video, audio string }{
		{"webm", codec.MimeVP8, codec.MimeOpus},
		{"webm", codec.MimeVP9, codec.MimeOpus},
		{"webm", codec.MimeAV1, codec.MimeOpus},
		{"webm", "", codec.MimeOpus},
		{"matroska", codec.MimeH264, codec.MimePCMU},
		{"matroska", codec.MimeVP8, codec.MimePCMA},
		{"mp4", codec.MimeH264, codec.MimeOpus},
		{"mp4", codec.MimeVP9, codec.MimeOpus},
		{"mp4", codec.MimeAV1, ""},
		{"ogg", "", codec.MimeOpus},
		{"wav", "", codec.MimeOpus},
		{"wav", "", codec.MimePCMA},
	} {
		for _, resizes := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s %s %s %v", test.container, test.video, test.audio, resizes), func(t *testing.T) {
				var tracks []media.Track
				var video, audio *fakeTrack
				if test.video != "" {
					video = &fakeTrack{kind: media.Video, codec: codecNamed(t, test.video)}
					tracks = append(tracks, video)
				}
				if test.audio != "" {
					audio = &fakeTrack{kind: media.Audio, codec: codecNamed(t, test.audio)}
					tracks = append(tracks, audio)
				}
				path, output := create(t, "out."+test.container)
				r := record(t, test.container, output, tracks...)
				var want []int
				if video != nil {
					frames := pictures(t, video.codec, 60, resizes)
					want = append(want, len(frames))
					r.feed(video, frames, punctual)
				}
				if audio != nil {
					want = append(want, 120)
					r.feed(audio, tones(t, audio.codec, 120), punctual)
				}
				r.finish()
				if r.err != nil {
					t.Fatal(r.err)
				}
				got := decode(t, path)
				if len(got) != len(want) {
					t.Fatalf("%d streams, want %d", len(got), len(want))
				}
				for i := range want {
					// What PCM is cut into is the reader's choice.
					if test.container != "wav" && got[i] != want[i] || got[i] == 0 {
						t.Errorf("stream %d: %d frames, want %d", i, got[i], want[i])
					}
				}
			})
		}
	}
}

func TestATrackThatIsLateOrSilentKeepsNothingElseOut(t *testing.T) {
	for _, container := range []string{"matroska", "mp4"} {
		t.Run(container, func(t *testing.T) {
			sound := &fakeTrack{kind: media.Audio, codec: codecNamed(t, codec.MimeOpus)}
			late := &fakeTrack{kind: media.Video, codec: codecNamed(t, codec.MimeH264)}
			never := &fakeTrack{kind: media.Video, codec: codecNamed(t, codec.MimeH264)}
			path, output := create(t, "out."+container)
			r := record(t, container, output, sound, late, never)
			r.feed(sound, tones(t, sound.codec, 300), punctual)
			r.feed(late, pictures(t, late.codec, 50, false), func(int) time.Duration { return 5 * time.Second })
			r.finish()
			if r.err != nil {
				t.Fatal(r.err)
			}
			if got := decode(t, path); len(got) != 3 || got[0] != 300 || got[1] != 50 || got[2] != 0 {
				t.Errorf("%v frames", got)
			}
			if at := times(t, path, "v:0")[0]; (at - 5*time.Second).Abs() > 50*time.Millisecond {
				t.Errorf("the late track begins at %v", at)
			}
		})
	}
}

func TestAPauseIsNotInTheFile(t *testing.T) {
	sound := &fakeTrack{kind: media.Audio, codec: codecNamed(t, codec.MimeOpus)}
	path, output := create(t, "out.webm")
	r := record(t, "webm", output, sound)
	frames := tones(t, sound.codec, 300)
	r.feed(sound, frames[:100], punctual)
	r.Pause()
	r.feed(sound, frames[100:200], punctual)
	r.Resume()
	r.feed(sound, frames[200:], punctual)
	r.finish()
	all := times(t, path, "a:0")
	if len(all) != 200 || (all[199]-all[0]-3980*time.Millisecond).Abs() > 50*time.Millisecond {
		t.Fatalf("%d packets, up to %v", len(all), all[len(all)-1])
	}
}

func TestAFullDiskIsToldAndWhatWasWrittenStays(t *testing.T) {
	output, err := Create("/dev/full")
	if err != nil {
		t.Fatal(err)
	}
	sound := &fakeTrack{kind: media.Audio, codec: codecNamed(t, codec.MimeOpus)}
	r := record(t, "webm", output, sound)
	r.feed(sound, tones(t, sound.codec, 100), punctual)
	r.finish()
	if !errors.Is(r.err, syscall.ENOSPC) || !errors.Is(r.err, ErrOutput) {
		t.Errorf("error %v", r.err)
	}
}

func TestAPipeThatIsClosedIsTold(t *testing.T) {
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	_ = reader.Close()
	sound := &fakeTrack{kind: media.Audio, codec: codecNamed(t, codec.MimeOpus)}
	r := record(t, "ogg", pipe{writer}, sound)
	r.feed(sound, tones(t, sound.codec, 100), punctual)
	r.finish()
	if !errors.Is(r.err, syscall.EPIPE) {
		t.Errorf("error %v", r.err)
	}
}

func TestTheRecordingEndsWithTheLastOfItsTracks(t *testing.T) {
	one := &fakeTrack{kind: media.Audio, codec: codecNamed(t, codec.MimeOpus)}
	two := &fakeTrack{kind: media.Audio, codec: codecNamed(t, codec.MimeOpus)}
	path, output := create(t, "out.webm")
	r := record(t, "webm", output, one, two)
	r.feed(one, tones(t, one.codec, 50), punctual)
	one.Stop()
	r.feed(two, tones(t, two.codec, 90), punctual)
	two.Stop()
	r.Wait()
	r.scope.Wait()
	if got := decode(t, path); len(got) != 2 || got[0] != 50 || got[1] != 90 {
		t.Errorf("%v frames", got)
	}
}

func TestContainersRefuseWhatTheyDoNotHold(t *testing.T) {
	_, output := create(t, "out")
	defer func() { _ = output.Close() }()
	for container, mimeType := range map[string]string{"webm": codec.MimeH264, "mp4": codec.MimeVP8, "ogg": codec.MimePCMU, "avi": codec.MimeOpus} {
		kind := media.Audio
		if strings.HasPrefix(mimeType, "video/") {
			kind = media.Video
		}
		track := &fakeTrack{kind: kind, codec: codecNamed(t, mimeType)}
		if _, err := Start(Options{Container: container, Tracks: []media.Track{track}, Open: opened(output)}); !errors.Is(err, ErrContainer) {
			t.Errorf("%s in %s: %v", mimeType, container, err)
		}
	}
}

// written waits until so many packets of the first stream are on disk.
func (r *recording) written(t *testing.T, path string, packets int) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		r.Flush()
		text, _ := exec.CommandContext(t.Context(), "ffprobe", "-v", "quiet", "-select_streams", "0", "-show_entries",
			"packet=pts_time", "-of", "csv=p=0", path).Output()
		if strings.Count(string(text), "\n") >= packets {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("not %d packets on disk: %s", packets, text)
		}
	}
}
