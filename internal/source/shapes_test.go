package source_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec/codectest"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source"
)

// turned gives a copy of an mp4 file with another display matrix (ISO/IEC
// 14496-12 section 8.3.2): a, b, c and d of it.
func turned(t *testing.T, path string, a, b, c, d int32) string {
	t.Helper()
	data := read(t, path)
	at := bytes.Index(data, []byte("tkhd"))
	if at < 0 {
		t.Fatal("no tkhd box")
	}
	// Version 0: 4 bytes of name, 40 bytes of other fields.
	matrix := data[at+44:]
	for i, value := range []int32{a << 16, b << 16, 0, c << 16, d << 16} {
		binary.BigEndian.PutUint32(matrix[4*i:], uint32(value))
	}
	turned := filepath.Join(t.TempDir(), "turned.mp4")
	if err := os.WriteFile(turned, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return turned
}

func TestPicturesArriveUpright(t *testing.T) {
	path := clip(t, "flat.mp4", quarters, x264, []string{"-t", "0.4"})
	for name, test := range map[string]struct {
		a, b, c, d    int32
		width, height int
		corners       [4]codectest.Colour
	}{
		"as it is":          {1, 0, 0, 1, 160, 120, upright},
		"a quarter turn":    {0, 1, -1, 0, 120, 160, [4]codectest.Colour{blue, red, white, green}},
		"half a turn":       {-1, 0, 0, -1, 160, 120, [4]codectest.Colour{white, blue, green, red}},
		"three quarters":    {0, -1, 1, 0, 120, 160, [4]codectest.Colour{green, white, red, blue}},
		"mirrored":          {-1, 0, 0, 1, 160, 120, [4]codectest.Colour{green, red, white, blue}},
		"upside down":       {1, 0, 0, -1, 160, 120, [4]codectest.Colour{blue, white, red, green}},
		"turned and turned": {0, 1, 1, 0, 120, 160, [4]codectest.Colour{red, blue, green, white}},
		"a broken matrix":   {0, 0, 0, 0, 160, 120, upright},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := playExactly(t, source.Spec{Value: turned(t, path, test.a, test.b, test.c, test.d)}, false, true)
			if err != nil {
				t.Fatal(err)
			}
			if n := len(p.pictures) + p.dropped; n != 10 || len(p.pictures) == 0 {
				t.Fatalf("%d pictures of 10", n)
			}
			m := matrixClip{width: test.width, height: test.height, corners: test.corners}.withDefaults()
			m.checkColours(t, p)
		})
	}
}

func TestInterlacedPicturesAreDeinterlaced(t *testing.T) {
	// Fields that alternate between white and black: a comb, unless one of them is left out.
	flicker := []string{"-f", "lavfi", "-i", "nullsrc=s=160x120:r=50,geq=lum='if(mod(N,2),235,16)':cb=128:cr=128,format=yuv420p"}
	for name, parts := range map[string][][]string{
		"interlaced.ts":  {flicker, tone440, filter("tinterlace=interleave_top,fieldorder=tff"), {"-c:v", "mpeg2video", "-q:v", "2", "-flags", "+ilme+ildct", "-c:a", "mp2"}, second},
		"interlaced.mkv": {flicker, tone440, filter("tinterlace=interleave_top,fieldorder=tff"), {"-c:v", "libx264", "-preset", "ultrafast", "-flags", "+ilme+ildct", "-x264-params", "tff=1", "-c:a", "aac"}, second},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := playExactly(t, source.Spec{Value: clip(t, name, parts...)}, true, true)
			if err != nil {
				t.Fatal(err)
			}
			matrixClip{width: 160, height: 120, framerate: 25, level: -21}.checkLengths(t, p, time.Second)
			for i, picture := range p.pictures {
				if picture.combing > 20 {
					t.Fatalf("picture %d: rows differ by %.0f", i, picture.combing)
				}
			}
		})
	}
}

func TestProgressivePicturesAreLeftAlone(t *testing.T) {
	stripes := []string{"-f", "lavfi", "-i", "nullsrc=s=160x120:r=25,geq=lum='if(mod(Y,2),235,16)':cb=128:cr=128,format=yuv420p"}
	p, err := playExactly(t, source.Spec{Value: clip(t, "stripes.mkv", stripes, ffv1, []string{"-t", "0.4"})}, false, true)
	if err != nil {
		t.Fatal(err)
	}
	if last := p.pictures[len(p.pictures)-1]; last.combing < 60 {
		t.Errorf("rows differ by %.0f only", last.combing)
	}
}

// severalTracks has two pictures, red and blue, and two sounds, 440 and 880 Hz;
// the file calls the second of each its default.
func severalTracks(t *testing.T) string {
	colour := func(c string) []string { return []string{"-f", "lavfi", "-i", "color=" + c + ":s=160x120:r=25"} }
	return clip(t, "several.mkv", colour("red"), colour("blue"), tone440, []string{"-f", "lavfi", "-i", "sine=880:r=48000"},
		[]string{
			"-map", "0", "-map", "1", "-map", "2", "-map", "3", "-disposition:v:0", "0", "-disposition:v:1", "default",
			"-disposition:a:0", "0", "-disposition:a:1", "default",
		}, x264, aac, []string{"-t", "0.6"})
}

func TestStreamsAreChosen(t *testing.T) {
	f := newFixture(t)
	marked := severalTracks(t)
	plain := clip(t, "several-plain.mp4", quarters, tone440, []string{"-f", "lavfi", "-i", "sine=880:r=48000"},
		[]string{"-map", "0", "-map", "1", "-map", "2", "-disposition:a", "0"}, x264, aac, []string{"-t", "0.6"})
	all := func(c codectest.Colour) [4]codectest.Colour { return [4]codectest.Colour{c, c, c, c} }
	for name, test := range map[string]struct {
		path    string
		options map[string]string
		corners [4]codectest.Colour
		tone    float64
	}{
		"marked as default": {marked, nil, all(blue), 880},
		"both by number":    {marked, map[string]string{"video_stream": "0", "audio_stream": "0"}, all(red), 440},
		"one by number":     {marked, map[string]string{"audio_stream": "0"}, all(blue), 440},
		"the first":         {plain, nil, upright, 440},
		"the second":        {plain, map[string]string{"audio_stream": "1"}, upright, 880},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := playExactly(t, source.Spec{Value: test.path, Options: test.options}, true, true)
			if err != nil {
				t.Fatal(err)
			}
			matrixClip{width: 160, height: 120, corners: test.corners, tolerance: 10}.checkColours(t, p)
			if share, _ := p.tone(test.tone); share < 0.9 {
				t.Errorf("%.2f of the energy at %v Hz", share, test.tone)
			}
		})
	}
	for name, test := range map[string]struct {
		options map[string]string
		kind    error
		says    string
	}{
		"beyond the last": {map[string]string{"audio_stream": "2"}, source.ErrNotSupported, `no audio stream 2: it holds 0 (aac 48000 Hz), 1 (aac 48000 Hz); choose one of these with the option "audio_stream"`},
		"not a number":    {map[string]string{"video_stream": "first"}, source.ErrInvalid, `option "video_stream" is "first": expected the number of a stream`},
		"negative":        {map[string]string{"video_stream": "-1"}, source.ErrInvalid, "from 0"},
		"another option":  {map[string]string{"protocol_whitelist": "http"}, source.ErrUnsupported, "protocol_whitelist"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := f.registry.Open(t.Context(), source.Spec{Type: "file", Value: marked, Options: test.options}, true, true)
			if !errors.Is(err, test.kind) || !strings.Contains(err.Error(), test.says) {
				t.Errorf("%v", err)
			}
		})
	}
	// What was played to its end may still be about to close.
	eventually(t, patience, "the file is closed", func() bool { return openFiles(t, marked) == 0 })
}

func TestSizeAndRateMayChangeMidway(t *testing.T) {
	first := clip(t, "change-1.ts", quarters, tone440, x264, []string{"-c:a", "aac", "-ar", "48000", "-ac", "2", "-t", "1"})
	after := clip(t, "change-2.ts", quartersOf(200, 160, 25), tone440, x264,
		[]string{"-c:a", "aac", "-ar", "22050", "-ac", "1", "-t", "1", "-output_ts_offset", "1"})
	var whole []byte
	for _, path := range []string{first, after} {
		whole = append(whole, read(t, path)...)
	}
	path := filepath.Join(t.TempDir(), "change.ts")
	if err := os.WriteFile(path, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := playExactly(t, source.Spec{Value: path}, true, true)
	if err != nil {
		t.Fatal(err)
	}
	sizes := map[int]int{}
	for _, picture := range p.pictures {
		sizes[picture.width]++
		m := matrixClip{width: picture.width, height: picture.height}.withDefaults()
		m.checkColours(t, &played{pictures: []shown{picture}})
	}
	if sizes[160] < 15 || sizes[200] < 15 || len(sizes) != 2 {
		t.Errorf("pictures by width: %v, %d dropped", sizes, p.dropped)
	}
	if d := p.soundLength() - 2*time.Second; d < -2*lengthSlack || d > 2*lengthSlack {
		t.Errorf("%v of sound", p.soundLength())
	}
	for _, part := range [][]int16{p.samples[:len(p.samples)/2], p.samples[len(p.samples)/2:]} {
		if share := codectest.ToneShare(part[len(part)/4/2*2:len(part)*3/4/2*2], playedRate, 2, 440); share < 0.9 {
			t.Errorf("%.2f of the energy at 440 Hz", share)
		}
	}
}
