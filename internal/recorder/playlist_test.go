package recorder

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// named is what a playlist says.
type named struct {
	head     string
	target   float64
	lengths  []float64
	segments []string
	leaps    int
	ended    bool
}

// readPlaylist reads a playlist, and requires what it says to be true: its files are there, its segments no longer than it says.
func readPlaylist(t testing.TB, path string) (p named) {
	t.Helper()
	text, err := os.ReadFile(path) //nolint:gosec // the test's own
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		name, value, _ := strings.Cut(line, ":")
		switch name {
		case "#EXT-X-TARGETDURATION":
			p.target, err = strconv.ParseFloat(value, 64)
		case "#EXT-X-MAP":
			p.head, err = strconv.Unquote(strings.TrimPrefix(value, "URI="))
		case "#EXTINF":
			length, parseErr := strconv.ParseFloat(strings.TrimSuffix(value, ","), 64)
			p.lengths, err = append(p.lengths, length), parseErr
		case "#EXT-X-DISCONTINUITY":
			p.leaps++
		case "#EXT-X-ENDLIST":
			p.ended = true
		default:
			if !strings.HasPrefix(line, "#") {
				p.segments = append(p.segments, line)
			}
		}
		if err != nil {
			t.Fatalf("%v: %s", err, text)
		}
	}
	if !strings.HasPrefix(string(text), "#EXTM3U\n") || !strings.Contains(string(text), "#EXT-X-PLAYLIST-TYPE:EVENT\n") ||
		len(p.lengths) != len(p.segments) {
		t.Fatalf("no playlist: %s", text)
	}
	for i, length := range p.lengths {
		// RFC 8216 section 4.3.3.1.
		if math.Round(length) > p.target {
			t.Errorf("segment %d is of %v s, the target is %v s", i, length, p.target)
		}
	}
	for _, file := range append(p.segments, p.head) {
		if info, err := os.Stat(filepath.Join(filepath.Dir(path), file)); err != nil || info.Size() == 0 {
			t.Errorf("%s is named: %v", file, err)
		}
	}

	return p
}

// play writes the head and one segment to a file.
func (p named) play(t testing.TB, folder string, segment int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "one.mp4")
	var all []byte
	for _, name := range []string{p.head, p.segments[segment]} {
		data, err := os.ReadFile(filepath.Join(folder, name)) //nolint:gosec // the test's own
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, data...)
	}
	if err := os.WriteFile(path, all, 0o600); err != nil {
		t.Fatal(err)
	}

	return path
}

func createPlaylist(t testing.TB, name string, length time.Duration) (string, *Playlist) {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	output, err := CreatePlaylist(path, length)
	if err != nil {
		t.Fatal(err)
	}

	return path, output
}

// together feeds tracks side by side, as they come.
func (r *recording) together(tracks map[*fakeTrack][]*media.EncodedFrame) {
	type coming struct {
		track *fakeTrack
		frame *media.EncodedFrame
	}
	var all []coming
	for track, frames := range tracks {
		for _, frame := range frames {
			all = append(all, coming{track, frame})
		}
	}
	slices.SortStableFunc(all, func(a, b coming) int { return int(a.frame.PTS - b.frame.PTS) })
	for _, one := range all {
		r.feed(one.track, []*media.EncodedFrame{one.frame}, punctual)
	}
}

func TestEveryFrameOfAPlaylistPlaysAndSegmentsBeginWithKeyframes(t *testing.T) {
	for _, test := range []struct {
		videos []string
		sound  bool
		length time.Duration
	}{
		{videos: []string{codec.MimeH264}, sound: true, length: time.Second},
		{videos: []string{codec.MimeH264}, length: 2500 * time.Millisecond},
		{videos: []string{codec.MimeVP9}, sound: true, length: 2 * time.Second},
		{videos: []string{codec.MimeAV1}, length: time.Second},
		{sound: true, length: 700 * time.Millisecond},
		{videos: []string{codec.MimeH264, codec.MimeH264}, sound: true, length: time.Second},
	} {
		for _, resizes := range []bool{false, true} {
			t.Run(fmt.Sprintf("%v %v %v %v", test.videos, test.sound, test.length, resizes), func(t *testing.T) {
				var tracks []media.Track
				var want []int
				given := map[*fakeTrack][]*media.EncodedFrame{}
				add := func(kind media.Kind, mimeType string) {
					track := &fakeTrack{kind: kind, codec: codecNamed(t, mimeType)}
					if kind == media.Video {
						given[track] = pictures(t, track.codec, 150, resizes)
					} else {
						given[track] = tones(t, track.codec, 300)
					}
					tracks, want = append(tracks, track), append(want, len(given[track]))
				}
				for _, mimeType := range test.videos {
					add(media.Video, mimeType)
				}
				if test.sound {
					add(media.Audio, codec.MimeOpus)
				}
				path, output := createPlaylist(t, "a: ü#1.m3u8", test.length)
				r := record(t, "hls", output, tracks...)
				r.together(given)
				r.finish()
				if r.err != nil {
					t.Fatal(r.err)
				}
				if got := decode(t, path); !slices.Equal(got, want) {
					t.Errorf("%v frames, want %v", got, want)
				}
				playlist := readPlaylist(t, path)
				total := 0.0
				for i, length := range playlist.lengths {
					total += length
					if i < len(playlist.lengths)-1 && length < 0.89*test.length.Seconds() {
						t.Errorf("segment %d is of %v s", i, length)
					}
					if got := decode(t, playlist.play(t, filepath.Dir(path), i)); got[0] == 0 {
						t.Errorf("segment %d alone: %v frames", i, got)
					}
				}
				if math.Abs(total-6) > 0.1 || !playlist.ended || playlist.leaps != 0 || len(playlist.lengths) < 2 {
					t.Errorf("%+v, %v s in all", playlist, total)
				}
			})
		}
	}
}

func TestAPlaylistThatGrowsPlays(t *testing.T) {
	video := &fakeTrack{kind: media.Video, codec: codecNamed(t, codec.MimeH264)}
	sound := &fakeTrack{kind: media.Audio, codec: codecNamed(t, codec.MimeOpus)}
	path, output := createPlaylist(t, "live.m3u8", time.Second)
	r := record(t, "hls", output, video, sound)
	frames, packets := pictures(t, video.codec, 250, false), tones(t, sound.codec, 500)
	target := 0.0
	for second := range 9 {
		r.together(map[*fakeTrack][]*media.EncodedFrame{
			video: frames[second*25 : second*25+25], sound: packets[second*50 : second*50+50],
		})
		if second == 0 {
			continue
		}
		for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
			if _, err := os.Stat(path); err == nil && len(readPlaylist(t, path).segments) >= second {
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("no segment %d", second)
			}
		}
		playlist := readPlaylist(t, path)
		if target = max(target, playlist.target); playlist.target != target || playlist.ended {
			t.Errorf("after %d s: %+v, the target was %v", second, playlist, target)
		}
		// What a process that is killed now leaves.
		if got := decode(t, path); got[0] != 25*second || got[1] < 45*second {
			t.Errorf("after %d s: %v frames", second, got)
		}
	}
	r.finish()
	if playlist := readPlaylist(t, path); !playlist.ended || r.err != nil {
		t.Errorf("%+v, %v", playlist, r.err)
	}
}

func TestASegmentThatNoKeyframeEndsAsksForOneAndIsBounded(t *testing.T) {
	for _, answers := range []bool{true, false} {
		t.Run(strconv.FormatBool(answers), func(t *testing.T) {
			video := &fakeTrack{kind: media.Video, codec: codecNamed(t, codec.MimeVP9)}
			path, output := createPlaylist(t, "asked.m3u8", time.Second)
			r := record(t, "hls", output, video)
			encoder, _, err := codec.NewVideoEncoder(video.codec, codec.VideoSettings{Framerate: 25, Bitrate: 300_000})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = encoder.Close() }()
			asked := 0
			for i := range 250 {
				picture := media.NewVideoFrame(160, 120)
				picture.PTS = time.Duration(i) * 40 * time.Millisecond
				video.mu.Lock()
				wanted := i == 0 || answers && video.asked > asked
				asked = video.asked
				video.mu.Unlock()
				data, keyframe, err := encoder.Encode(picture, wanted)
				if err != nil {
					t.Fatal(err)
				}
				r.feed(video, []*media.EncodedFrame{{Data: data, Keyframe: keyframe, PTS: picture.PTS}}, punctual)
				// The writer is to see it before the next one is made, and the first one first.
				r.settle(t, filepath.Join(filepath.Dir(path), output.head()))
			}
			r.finish()
			playlist := readPlaylist(t, path)
			if got := decode(t, path); got[0] != 250 || r.err != nil {
				t.Errorf("%v frames, %v", got, r.err)
			}
			if answers != (len(playlist.segments) > 7) || len(playlist.segments) < 4 || asked < 3 {
				t.Errorf("%+v, asked %d times", playlist, asked)
			}
		})
	}
}

// settle waits until the writer has written the head, and taken all that came.
func (r *recording) settle(t *testing.T, head string) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(100 * time.Microsecond) {
		r.mu.Lock()
		empty := r.bytes == 0
		r.mu.Unlock()
		if info, err := os.Stat(head); empty && err == nil && info.Size() > 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("the queue stays full")
		}
	}
}

func TestAGapInAPlaylistIsADiscontinuityAndNoLongSegment(t *testing.T) {
	sound := &fakeTrack{kind: media.Audio, codec: codecNamed(t, codec.MimeOpus)}
	path, output := createPlaylist(t, "gap.m3u8", time.Second)
	r := record(t, "hls", output, sound)
	packets := tones(t, sound.codec, 800)
	r.feed(sound, packets[:130], punctual)
	r.feed(sound, packets[630:], punctual)
	r.finish()
	playlist := readPlaylist(t, path)
	if playlist.leaps != 1 || r.err != nil {
		t.Errorf("%+v, %v", playlist, r.err)
	}
	if got := decode(t, path); got[0] != 300 {
		t.Errorf("%v frames", got)
	}
}

func TestAPausedRecordingIsSeenToItsEndAndGoesOn(t *testing.T) {
	sound := &fakeTrack{kind: media.Audio, codec: codecNamed(t, codec.MimeOpus)}
	path, output := createPlaylist(t, "paused.m3u8", 500*time.Millisecond)
	r := record(t, "hls", output, sound)
	packets := tones(t, sound.codec, 100)
	r.feed(sound, packets[:20], punctual)
	r.Pause()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if _, err := os.Stat(path); err == nil {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("no segment while it is paused")
		}
	}
	if got := decode(t, path); got[0] != 20 {
		t.Errorf("%v frames before it goes on", got)
	}
	r.Resume()
	r.feed(sound, packets[20:70], punctual)
	r.finish()
	if got := decode(t, path); got[0] != 70 || r.err != nil || readPlaylist(t, path).leaps != 0 {
		t.Errorf("%v frames, %v", got, r.err)
	}
}

func TestAPlaylistThatNothingIsRecordedToLeavesNothing(t *testing.T) {
	path, output := createPlaylist(t, "none.m3u8", time.Second)
	r := record(t, "hls", output, &fakeTrack{kind: media.Audio, codec: codecNamed(t, codec.MimeOpus)})
	r.finish()
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 0 || r.err != nil {
		t.Errorf("%v, %v, %v", entries, err, r.err)
	}
}

func TestPlaylistsAreRefusedWhereTheyCannotBe(t *testing.T) {
	folder := t.TempDir()
	for path, want := range map[string]error{folder: ErrOutput, filepath.Join(folder, "none", "a.m3u8"): ErrNotFound} {
		if _, err := CreatePlaylist(path, time.Second); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", path, err, want)
		}
	}
	old := filepath.Join(folder, "old.m3u8")
	if err := os.WriteFile(old, []byte("#EXTM3U\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	output, err := CreatePlaylist(old, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(old); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the old playlist: %v", err)
	}
	if err := output.Close(); err != nil {
		t.Error(err)
	}
}
