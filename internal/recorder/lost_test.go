package recorder

import (
	"os"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bluenviron/mediacommon/v2/pkg/codecs/h264"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// lossyTrack is a video some of whose pictures come not whole.
type lossyTrack struct {
	fakeTrack
	unfit atomic.Uint64
}

func (t *lossyTrack) Incomplete() uint64 { return t.unfit.Load() }

func TestWhatIsLostDuringAPauseDoesNotCount(t *testing.T) {
	opus, vp8 := codecNamed(t, codec.MimeOpus), codecNamed(t, codec.MimeVP8)
	made := map[media.Kind][]*media.EncodedFrame{media.Audio: tones(t, opus, 400), media.Video: pictures(t, vp8, 200, false)}
	for _, test := range []struct {
		name string
		// steps are p for a pause, r for going on, + for a second that comes, and digits for losses in it.
		steps string
		want  uint64
	}{
		{"no pause", "+1+2+", 3},
		{"a loss before and one after", "+1+p9+r+2+", 3},
		{"a pause within a pause", "+1+p9+p9+r+2+", 3},
		{"it goes on twice", "+1+p9+r+2+r+2+", 5},
		{"two pauses", "+1+p9+r+2+p8+r+1+", 4},
		{"a loss right when it goes on", "+1+p9r9+2+", 3},
		{"it ends within a pause", "+1+p9+7", 1},
		{"a loss before anything came", "9+1+", 1},
		{"a pause before anything came", "p9+r9+1+", 1},
		{"nothing comes after a pause", "+2+p9r9", 2},
	} {
		for _, kind := range []media.Kind{media.Audio, media.Video} {
			t.Run(test.name+" of "+kind.String(), func(t *testing.T) {
				track := &lossyTrack{fakeTrack: fakeTrack{kind: kind, codec: opus}}
				if kind == media.Video {
					track.codec = vp8
				}
				frames := made[kind]
				_, output := create(t, "out.webm")
				r := record(t, "webm", output, track)
				second, missing := 0, 0
				for _, step := range test.steps {
					switch step {
					case 'p':
						r.Pause()
					case 'r':
						r.Resume()
					case '+':
						each := len(frames) / 8
						for i, frame := range frames[second*each:][:each] {
							frame := *frame
							if kind == media.Audio && i == 0 {
								frame.Lost, missing = missing, 0
							}
							r.feed(&track.fakeTrack, []*media.EncodedFrame{&frame}, punctual)
						}
						second++
					default:
						missing += int(step - '0')
						if kind == media.Video {
							track.unfit.Add(uint64(step - '0'))
						}
					}
				}
				r.finish()
				if r.err != nil || r.stats.Lost != test.want {
					t.Errorf("%d are lost, want %d; %v", r.stats.Lost, test.want, r.err)
				}
			})
		}
	}
}

// H264 without parameter sets, which nobody can decode, for a part of the time.
func TestPicturesWithoutWhatTheyNeedAreLost(t *testing.T) {
	avc := codecNamed(t, codec.MimeH264)
	for _, test := range []struct{ bare, whole int }{{30, 0}, {30, 30}, {0, 30}} {
		track := &fakeTrack{kind: media.Video, codec: avc}
		path, output := create(t, "out.mp4")
		r := record(t, "mp4", output, track)
		var frames []*media.EncodedFrame
		for i, frame := range slices.Concat(pictures(t, avc, test.bare, false), pictures(t, avc, test.whole, false)) {
			frame := *frame
			frame.PTS = time.Duration(i) * time.Second / 30
			if i < test.bare {
				frame.Data = withoutSets(t, frame.Data)
			}
			frames = append(frames, &frame)
		}
		r.feed(track, frames, punctual)
		r.finish()
		if r.err != nil || r.stats.Lost != uint64(test.bare) || r.stats.Frames != uint64(test.whole) {
			t.Errorf("%d without: %+v, %v", test.bare, r.stats, r.err)
		}
		if info, err := os.Stat(path); err != nil || (info.Size() > 0) != (test.whole > 0) {
			t.Errorf("%d without: %v, %v", test.bare, info, err)
		}
	}
}

func withoutSets(t *testing.T, frame []byte) []byte {
	t.Helper()
	var units h264.AnnexB
	if err := units.Unmarshal(frame); err != nil {
		t.Fatal(err)
	}
	units = slices.DeleteFunc(units, func(unit []byte) bool {
		kind := h264.NALUType(unit[0] & 0x1f)

		return kind == h264.NALUTypeSPS || kind == h264.NALUTypePPS
	})

	return annexB(units)
}

func TestSoundThatIsLostBeforeWhatIsDroppedCounts(t *testing.T) {
	sound := &fakeTrack{kind: media.Audio, codec: codecNamed(t, codec.MimeOpus)}
	_, file := create(t, "out.webm")
	output := gated{file, make(chan struct{})}
	r := record(t, "webm", output, sound)
	for i := range 100 {
		packet := &media.EncodedFrame{Data: make([]byte, 1<<20), PTS: time.Duration(i) * 20 * time.Millisecond, Lost: 1}
		r.feed(sound, []*media.EncodedFrame{packet}, punctual)
	}
	close(output.gate)
	r.finish()
	if r.stats.Dropped == 0 || r.stats.Lost != 99 {
		t.Errorf("%+v, want 99 lost and some dropped", r.stats)
	}
}
