package recorder

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// camera is a video that makes a keyframe when it is asked for one, as encoders of participants do.
type camera struct {
	*fakeTrack
	encoder codec.VideoEncoder
	made    int
	asked   int
	// off are times between which it delivers nothing.
	off [2]time.Duration
}

func newCamera(t *testing.T, off ...time.Duration) *camera {
	t.Helper()
	c := &camera{fakeTrack: &fakeTrack{kind: media.Video, codec: codecNamed(t, codec.MimeVP9)}}
	copy(c.off[:], off)
	var err error
	c.encoder, _, err = codec.NewVideoEncoder(c.codec, codec.VideoSettings{Framerate: 10, Bitrate: 100_000})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.encoder.Close() })

	return c
}

// wanted is how many keyframes it was asked for.
func (c *camera) wanted() int {
	c.mu.Lock()
	defer c.mu.Unlock()

	return c.fakeTrack.asked
}

// picture is that of a time, if it delivers then.
func (c *camera) picture(t *testing.T, at time.Duration) (frames []*media.EncodedFrame) {
	t.Helper()
	if at >= c.off[0] && at < c.off[1] {
		return nil
	}
	wanted := c.wanted()
	picture := media.NewVideoFrame(160, 120)
	picture.PTS = at
	data, keyframe, err := c.encoder.Encode(picture, c.made == 0 || wanted > c.asked || at == c.off[1])
	if err != nil {
		t.Fatal(err)
	}
	c.asked = wanted
	c.made++

	return []*media.EncodedFrame{{Data: data, Keyframe: keyframe, PTS: at}}
}

func TestAVideoThatStallsLosesTheLeadOfAPlaylist(t *testing.T) {
	const (
		length  = time.Second
		all     = 16 * time.Second
		stalls  = 2 * time.Second
		returns = 12 * time.Second
		never   = time.Hour
		// settled is when all segments that the stalled one led are over.
		settled = stalls + 2*(length+patienceForKeyframe) + length
	)
	for _, test := range []struct {
		name    string
		cameras func() []*camera
		sound   bool
	}{
		{"another goes on", func() []*camera { return []*camera{newCamera(t, stalls, never), newCamera(t)} }, false},
		{"another goes on, with sound", func() []*camera { return []*camera{newCamera(t, stalls, never), newCamera(t)} }, true},
		{"two stall", func() []*camera {
			return []*camera{newCamera(t, stalls, never), newCamera(t, stalls, never), newCamera(t)}
		}, false},
		{"it comes back", func() []*camera { return []*camera{newCamera(t, stalls, returns), newCamera(t)} }, true},
		{"sound goes on alone", func() []*camera { return []*camera{newCamera(t, stalls, never)} }, true},
		{"the last one stalls", func() []*camera { return []*camera{newCamera(t), newCamera(t, stalls, never)} }, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			cameras := test.cameras()
			var tracks []media.Track
			for _, camera := range cameras {
				tracks = append(tracks, camera.fakeTrack)
			}
			sound := &fakeTrack{kind: media.Audio, codec: codecNamed(t, codec.MimeOpus)}
			var packets []*media.EncodedFrame
			if test.sound {
				tracks = append(tracks, sound)
				packets = tones(t, sound.codec, int(all/(20*time.Millisecond)))
			}
			path, output := createPlaylist(t, "lead.m3u8", length)
			r := record(t, "hls", output, tracks...)
			askedBefore := 0
			last := cameras[len(cameras)-1]
			for at := time.Duration(0); at < all; at += 100 * time.Millisecond {
				for _, camera := range cameras {
					r.feed(camera.fakeTrack, camera.picture(t, at), punctual)
				}
				if test.sound {
					r.feed(sound, packets[at/(20*time.Millisecond):][:5], punctual)
				}
				// The writer is to see it before the next ones are made, and the first ones first.
				r.settle(t, filepath.Join(filepath.Dir(path), output.head()))
				if at == settled {
					askedBefore = last.wanted()
				}
			}
			r.finish()
			if r.err != nil {
				t.Fatal(r.err)
			}
			playlist := readPlaylist(t, path)
			began, late := 0.0, 0
			for i, seconds := range playlist.lengths {
				if began >= settled.Seconds() {
					late++
					if i < len(playlist.lengths)-1 && seconds > 1.5*length.Seconds() {
						t.Errorf("segment %d, at %v s, is of %v s", i, began, seconds)
					}
				}
				began += seconds
			}
			if asked := last.wanted() - askedBefore; late < 3 || asked > late+2 {
				t.Errorf("%d segments, a keyframe was asked for %d times: %v", late, asked, playlist.lengths)
			}
			want := fmt.Sprint(last.made)
			if got := decode(t, path); fmt.Sprint(got[len(cameras)-1]) != want {
				t.Errorf("%v frames, want %s", got, want)
			}
		})
	}
}
