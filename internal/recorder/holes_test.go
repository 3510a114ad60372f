package recorder

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os/exec"
	"slices"
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// gated is an Output that takes nothing until the gate is opened.
type gated struct {
	Output
	gate chan struct{}
}

func (g gated) Write(b []byte) (int, error) {
	<-g.gate

	return g.Output.Write(b)
}

func TestAKeyframeIsAskedForUntilItComes(t *testing.T) {
	track := &fakeTrack{kind: media.Video, codec: codecNamed(t, codec.MimeVP8)}
	path, output := create(t, "out.webm")
	r := record(t, "webm", output, track)
	frames := pictures(t, track.codec, 110, false)
	r.feed(track, frames[1:25], punctual)
	if track.asked != 1 {
		t.Errorf("asked %d times in the first second, want once", track.asked)
	}
	r.feed(track, frames[26:50], punctual)
	if track.asked != 2 {
		t.Errorf("asked %d times in two seconds, want twice", track.asked)
	}
	r.feed(track, frames[50:60], punctual)
	r.Pause()
	r.Resume()
	r.feed(track, frames[60:75], punctual)
	if track.asked != 3 {
		t.Errorf("asked %d times after going on, want 3", track.asked)
	}
	r.feed(track, frames[75:], punctual)
	r.finish()
	if got := decode(t, path); len(got) != 1 || got[0] != 10+35 {
		t.Errorf("%v frames, want 45", got)
	}
}

func TestWhatComesTooFastIsDroppedUpToAKeyframeAndCounted(t *testing.T) {
	track := &fakeTrack{kind: media.Video, codec: codecNamed(t, codec.MimeVP8)}
	_, file := create(t, "out.webm")
	output := gated{file, make(chan struct{})}
	r := record(t, "webm", output, track)
	header := []byte{0x10, 0, 0, 0x9d, 1, 0x2a, 64, 1, 240, 0}
	frame := func(i int) *media.EncodedFrame {
		f := &media.EncodedFrame{Data: make([]byte, 1<<20), Keyframe: i%10 == 0, PTS: time.Duration(i) * 40 * time.Millisecond}
		if copy(f.Data, header); !f.Keyframe {
			f.Data[0] |= 1
		}

		return f
	}
	const all = 200
	for i := range all {
		r.feed(track, []*media.EncodedFrame{frame(i)}, punctual)
	}
	r.mu.Lock()
	queued, dropped, behind := r.bytes, r.dropped, r.inputs[0].behind
	r.mu.Unlock()
	if queued > mostQueued || dropped == 0 || !behind || track.asked != 0 {
		t.Fatalf("%d bytes wait, %d dropped, behind %v, asked %d times", queued, dropped, behind, track.asked)
	}
	close(output.gate)
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(time.Millisecond) {
		r.mu.Lock()
		empty := r.bytes == 0
		r.mu.Unlock()
		if empty {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the queue stays full")
		}
	}
	// There is room again: it is asked for, and taken.
	r.feed(track, []*media.EncodedFrame{frame(all + 1), frame(all + 2), frame(all + 10), frame(all + 11)}, punctual)
	if track.asked != 1 {
		t.Errorf("asked %d times, want once", track.asked)
	}
	r.finish()
	if r.err != nil || r.stats.Frames+r.stats.Dropped != all+4 || r.stats.Dropped != dropped+2 {
		t.Errorf("%v, %+v; %d were dropped before", r.err, r.stats, dropped)
	}
}

func TestAHoleInSoundIsAGapInWebmAndSilenceInWav(t *testing.T) {
	for _, container := range []string{"webm", "matroska", "mp4", "ogg", "wav"} {
		t.Run(container, func(t *testing.T) {
			sound := &fakeTrack{kind: media.Audio, codec: codecNamed(t, codec.MimeOpus)}
			path, output := create(t, "out."+container)
			r := record(t, container, output, sound)
			frames := tones(t, sound.codec, 200)
			r.feed(sound, frames[:50], punctual)
			if container != "wav" {
				// FFmpeg keeps the last ones for a while.
				r.written(t, path, 40)
			}
			r.feed(sound, frames[150:], punctual)
			r.finish()
			all := times(t, path, "a:0")
			if length := all[len(all)-1] - all[0]; (length - 3980*time.Millisecond).Abs() > 100*time.Millisecond {
				t.Errorf("it is %v long", length)
			}
			if container != "wav" && len(all) != 100 {
				t.Errorf("%d packets, want 100", len(all))
			}
			// In ogg, pages have times and packets have none.
			timed := container != "wav" && container != "ogg"
			if hole := all[50] - all[49]; timed && (hole-2020*time.Millisecond).Abs() > 5*time.Millisecond {
				t.Errorf("the hole is of %v, want 2.02 s", hole)
			}
		})
	}
}

func TestLostSoundIsConcealedInWav(t *testing.T) {
	for _, mime := range []string{codec.MimeOpus, codec.MimePCMA} {
		sound := &fakeTrack{kind: media.Audio, codec: codecNamed(t, mime)}
		path, output := create(t, "out.wav")
		r := record(t, "wav", output, sound)
		frames := tones(t, sound.codec, 200)
		kept := frames[:0]
		for i, frame := range frames {
			if i%10 == 5 && i > 10 {
				frames[i+1].Lost = 1
			} else {
				kept = append(kept, frame)
			}
		}
		r.feed(sound, kept, punctual)
		r.finish()
		samples := samplesOf(t, path)
		// After the codec's delay.
		longest := longestSilence(samples[len(samples)/10 : len(samples)*9/10])
		// A packet is a two hundredth of it.
		if all := len(samples); longest > all/200/4 {
			t.Errorf("%s: %d samples of %d are silent in a row", mime, longest, all)
		}
	}
}

func TestAPacketThatIsDamagedIsAHoleLikeAnotherInWav(t *testing.T) {
	for _, kind := range []struct {
		mime    string
		garbage []byte
		// lost says that the packet before each is lost.
		lost bool
	}{
		{codec.MimeOpus, []byte{255, 255, 255}, false},
		{codec.MimeOpus, []byte{255, 255, 255}, true},
		// Its length is told.
		{codec.MimeOpus, []byte{0x41, 1}, false},
		{codec.MimeOpus, []byte{0x41, 1}, true},
		{codec.MimePCMA, nil, false},
		{codec.MimePCMA, nil, true},
	} {
		for _, damaged := range [][]int{{50}, {50, 51}, {50, 60, 70, 80}, {50, 51, 52, 53}} {
			mime := kind.mime
			t.Run(fmt.Sprint(kind, damaged), func(t *testing.T) {
				sound := &fakeTrack{kind: media.Audio, codec: codecNamed(t, mime)}
				path, output := create(t, "out.wav")
				r := record(t, "wav", output, sound)
				frames := tones(t, sound.codec, 100)
				for _, i := range damaged {
					frames[i].Data = kind.garbage
				}
				if kind.lost {
					frames[damaged[0]].Lost = 1
					frames = slices.Delete(frames, damaged[0]-1, damaged[0])
				}
				r.feed(sound, frames, punctual)
				r.finish()
				samples := samplesOf(t, path)
				packet := len(samples) / 100
				if want := map[string]int{codec.MimeOpus: 960 * 2, codec.MimePCMA: 160}[mime]; packet != want || len(samples)%100 != 0 {
					t.Fatalf("%d samples, want 100 times %d", len(samples), want)
				}
				last := damaged[len(damaged)-1]
				if silent := longestSilence(samples[damaged[0]*packet : (last+3)*packet]); len(damaged) < 3 && silent > packet/4 {
					t.Errorf("%d samples are silent in a row", silent)
				}
			})
		}
	}
}

// samplesOf are those of a file of PCM, of all channels.
func samplesOf(t *testing.T, path string) (samples []int16) {
	t.Helper()
	text, err := exec.CommandContext(t.Context(), "ffmpeg", "-v", "error", "-i", path, "-f", "s16le", "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	for at := 0; at+1 < len(text); at += 2 {
		samples = append(samples, int16(binary.LittleEndian.Uint16(text[at:]))) //nolint:gosec // two's complement
	}

	return samples
}

// longestSilence is how many samples in a row can't be heard.
func longestSilence(samples []int16) (longest int) {
	now := 0
	for _, sample := range samples {
		if now++; sample/64 != 0 {
			now = 0
		}
		longest = max(longest, now)
	}

	return longest
}

func TestH265Plays(t *testing.T) {
	const delimiter = "\x00\x00\x00\x01\x46\x01"
	text, err := exec.CommandContext(t.Context(), "ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc=size=160x120:rate=25",
		"-frames:v", "50", "-pix_fmt", "yuv420p", "-c:v", "libx265", "-x265-params",
		"aud=1:repeat-headers=1:bframes=0:keyint=25:min-keyint=25:log-level=none", "-f", "hevc", "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	var frames []*media.EncodedFrame
	for i, unit := range bytes.Split(text, []byte(delimiter))[1:] {
		frames = append(frames, &media.EncodedFrame{
			Data: append([]byte(delimiter), unit...), Keyframe: i%25 == 0, PTS: time.Duration(i) * 40 * time.Millisecond,
		})
	}
	for _, container := range []string{"matroska", "mp4"} {
		t.Run(container, func(t *testing.T) {
			track := &fakeTrack{kind: media.Video, codec: media.Codec{MimeType: codec.MimeH265, ClockRate: 90_000}}
			path, output := create(t, "out."+container)
			r := record(t, container, output, track)
			r.feed(track, frames, punctual)
			r.finish()
			if got := decode(t, path); len(frames) != 50 || r.err != nil || len(got) != 1 || got[0] != 50 {
				t.Errorf("%v frames of %d, %v", got, len(frames), r.err)
			}
		})
	}
}
