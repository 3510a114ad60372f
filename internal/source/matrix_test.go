package source_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec/codectest"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source"
)

// The colours of the quarters of the matrix' picture.
var (
	red   = codectest.Colour{Y: 81, U: 90, V: 240}
	green = codectest.Colour{Y: 145, U: 54, V: 34}
	blue  = codectest.Colour{Y: 41, U: 240, V: 110}
	white = codectest.Colour{Y: 235, U: 128, V: 128}
	grey  = codectest.Colour{Y: 126, U: 128, V: 128}
	black = codectest.Colour{Y: 16, U: 128, V: 128}

	upright = [4]codectest.Colour{red, green, blue, white}
)

// clipSeconds is how long the clips of the matrix are.
const clipSeconds = 1

var (
	quarters = quartersOf(160, 120, 25)
	second   = []string{"-t", fmt.Sprint(clipSeconds)}
	x264     = []string{"-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"}
	mpeg4    = []string{"-c:v", "mpeg4", "-q:v", "2"}
	ffv1     = []string{"-c:v", "ffv1"}
	aac      = []string{"-c:a", "aac"}
)

// quartersOf has a colour in each quarter of the picture.
func quartersOf(width, height, framerate int) []string {
	w, h := width/2, height/2
	box := func(x, y int, colour string) string {
		return fmt.Sprintf("drawbox=x=%d:y=%d:w=%d:h=%d:c=%s:t=fill", x, y, width-w, height-h, colour)
	}
	return []string{"-f", "lavfi", "-i", fmt.Sprintf("color=red:s=%dx%d:r=%d,%s,%s,%s", width, height, framerate,
		box(w, 0, "0x00ff00"), box(0, h, "blue"), box(w, h, "white"))}
}

func filter(text string) []string { return []string{"-vf", text} }

// matrixClip is one file, and what has to arrive of it.
type matrixClip struct {
	parts [][]string
	// width is 0 for sound alone.
	width, height int
	framerate     int
	corners       [4]codectest.Colour
	tolerance     int
	// silent is for pictures alone.
	silent bool
	// level of the tone in dB below full scale; ffmpeg's sine has -21.
	level float64
}

func (m matrixClip) withDefaults() matrixClip {
	if m.framerate == 0 {
		m.framerate = 25
	}
	if m.corners == [4]codectest.Colour{} {
		m.corners = upright
	}
	if m.tolerance == 0 {
		m.tolerance = 10
	}
	if m.level == 0 {
		m.level = -21
	}
	return m
}

func pictures(parts ...[]string) matrixClip {
	return matrixClip{parts: append([][]string{quarters, tone440}, parts...), width: 160, height: 120}
}

func sounds(parts ...[]string) matrixClip {
	return matrixClip{parts: append([][]string{tone440}, parts...)}
}

// twoChannels is of a tone that ffmpeg spread over both.
func twoChannels(parts ...[]string) matrixClip {
	m := sounds(parts...)
	m.level = -24.1
	return m
}

// matrix is what has to play: containers, codecs, and forms of pictures and sound.
var matrix = map[string]matrixClip{
	"h264-high-bframes.mp4": pictures([]string{"-c:v", "libx264", "-preset", "fast", "-bf", "3", "-profile:v", "high", "-pix_fmt", "yuv420p"}, aac),
	"h264.mov":              pictures(x264, []string{"-c:a", "pcm_s16le"}),
	"h264.flv":              pictures(x264, aac, []string{"-ar", "44100"}),
	"h264.ts":               pictures(x264, []string{"-c:a", "ac3"}),
	"h264-10bit.mkv":        pictures([]string{"-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p10le"}, []string{"-c:a", "flac"}),
	"hevc.mp4":              pictures([]string{"-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none", "-pix_fmt", "yuv420p"}, aac),
	"hevc-10bit.mkv":        pictures([]string{"-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none", "-pix_fmt", "yuv420p10le"}, []string{"-c:a", "ac3"}),
	"vp8.webm":              pictures([]string{"-c:v", "libvpx", "-cpu-used", "8", "-deadline", "realtime", "-c:a", "libvorbis"}),
	"vp9.webm":              pictures([]string{"-c:v", "libvpx-vp9", "-cpu-used", "8", "-deadline", "realtime", "-pix_fmt", "yuv420p", "-c:a", "libopus"}),
	"av1.mp4":               pictures([]string{"-c:v", "libaom-av1", "-cpu-used", "8", "-usage", "realtime", "-pix_fmt", "yuv420p"}, aac),
	"av1.webm":              pictures([]string{"-c:v", "libaom-av1", "-cpu-used", "8", "-usage", "realtime", "-pix_fmt", "yuv420p", "-c:a", "libopus"}),
	"mpeg4.avi":             pictures(mpeg4, []string{"-c:a", "libmp3lame"}),
	"mjpeg.avi":             pictures([]string{"-c:v", "mjpeg", "-q:v", "2", "-pix_fmt", "yuvj420p", "-c:a", "pcm_s16le"}),
	"mpeg2.mkv":             pictures([]string{"-c:v", "mpeg2video", "-q:v", "2", "-c:a", "mp2"}),

	"mp3.mp3":    twoChannels([]string{"-ar", "44100", "-ac", "2"}),
	"aac.m4a":    sounds([]string{"-ar", "96000", "-ac", "1"}),
	"pcm.wav":    sounds([]string{"-ar", "8000"}),
	"float.wav":  twoChannels([]string{"-c:a", "pcm_f32le", "-ac", "2"}),
	"pcm24.mkv":  twoChannels([]string{"-c:a", "pcm_s24le", "-ar", "96000", "-ac", "2"}),
	"flac.flac":  sounds([]string{"-ar", "88200"}),
	"vorbis.ogg": sounds([]string{"-c:a", "libvorbis", "-ar", "22050"}),
	"opus.opus":  twoChannels([]string{"-c:a", "libopus", "-ac", "2"}),
	"adts.aac":   sounds([]string{"-c:a", "aac", "-ar", "11025"}),
	"ac3.ac3":    twoChannels([]string{"-c:a", "ac3", "-ac", "2"}),
	// The tone is in the middle alone: a part of the mix.
	"surround.flac": {parts: [][]string{tone440, {"-ac", "6"}}, level: -31.7},
	"surround.m4a":  {parts: [][]string{tone440, {"-ac", "6", "-c:a", "aac"}}, level: -31.7},
	"mulaw.wav":     sounds([]string{"-ar", "8000", "-c:a", "pcm_mulaw"}),

	"odd.mkv":     {parts: [][]string{quartersOf(161, 121, 25), tone440, ffv1, {"-pix_fmt", "yuv444p", "-c:a", "flac"}}, width: 160, height: 120},
	"odd-420.mkv": {parts: [][]string{quartersOf(161, 121, 25), tone440, ffv1, {"-pix_fmt", "yuv420p", "-c:a", "flac"}}, width: 160, height: 120},
	"rgb.mkv":     pictures(ffv1, []string{"-pix_fmt", "bgr0", "-c:a", "pcm_s16le"}),
	"gray.mkv": {parts: [][]string{quarters, ffv1, {"-pix_fmt", "gray"}}, width: 160, height: 120, silent: true, corners: [4]codectest.Colour{
		{Y: red.Y, U: 128, V: 128}, {Y: green.Y, U: 128, V: 128}, {Y: blue.Y, U: 128, V: 128}, {Y: white.Y, U: 128, V: 128},
	}},
	"tiny.mkv":     {parts: [][]string{quartersOf(8, 6, 25), tone440, ffv1, {"-c:a", "flac"}}, width: 22, height: 16, tolerance: 30},
	"10fps.mp4":    {parts: [][]string{quartersOf(160, 120, 10), tone440, x264, aac}, width: 160, height: 120, framerate: 10},
	"120fps.mp4":   {parts: [][]string{quartersOf(160, 120, 120), tone440, x264, aac}, width: 160, height: 120, framerate: 120},
	"picture.webm": {parts: [][]string{quarters, {"-c:v", "libvpx", "-cpu-used", "8", "-deadline", "realtime"}}, width: 160, height: 120, silent: true},
	// Every third picture stays: 9 or so of 25, which lie 120 ms apart.
	"variable.mkv": {parts: [][]string{quarters, tone440, filter("select='lt(n,5)+not(mod(n,3))'"), {"-fps_mode", "vfr"}, x264, aac}, width: 160, height: 120, framerate: 12},

	"full-range.mp4":       pictures(filter("scale=out_range=full"), x264, []string{"-color_range", "pc"}, aac),
	"full-range-10bit.mkv": pictures(filter("scale=out_range=full,format=yuv420p10le"), []string{"-c:v", "libx264", "-preset", "ultrafast", "-color_range", "pc"}, aac),
	"wide-pixels.ts":       {parts: [][]string{quartersOf(80, 120, 25), tone440, filter("setsar=2"), x264, {"-c:a", "mp2"}}, width: 160, height: 120},
	"high-pixels.mp4":      {parts: [][]string{quartersOf(160, 60, 25), tone440, filter("setsar=1/2"), x264, aac}, width: 160, height: 120},
	"wide-pixels.mkv":      {parts: [][]string{quartersOf(80, 120, 25), tone440, filter("setsar=2"), ffv1, {"-c:a", "flac"}}, width: 160, height: 120},

	"alpha-half.mov": {
		parts: [][]string{{"-f", "lavfi", "-i", "color=white@0.5:s=160x120:r=25,format=rgba"}, tone440, {"-c:v", "qtrle", "-c:a", "pcm_s16le"}},
		width: 160, height: 120, corners: [4]codectest.Colour{grey, grey, grey, grey},
	},
	"alpha-none.mov": {
		parts: [][]string{{"-f", "lavfi", "-i", "color=red@0:s=160x120:r=25,format=rgba"}, tone440, {"-c:v", "png", "-c:a", "pcm_s16le"}},
		width: 160, height: 120, corners: [4]codectest.Colour{black, black, black, black},
	},
	"alpha-yuva.mkv": {
		parts: [][]string{{"-f", "lavfi", "-i", "color=white@0.5:s=160x120:r=25,format=yuva444p"}, tone440, ffv1, {"-c:a", "flac"}},
		width: 160, height: 120, corners: [4]codectest.Colour{grey, grey, grey, grey},
	},
}

func TestWhatFFmpegReadsJustPlays(t *testing.T) {
	for name, m := range matrix {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := clip(t, name, append(m.parts, second)...)
			p, err := playExactly(t, source.Spec{Value: path}, !m.silent, m.width > 0)
			if err != nil {
				t.Fatal(err)
			}
			m.withDefaults().check(t, p)
		})
	}
}

// lengthSlack tells lengths apart by more than codecs add at the ends.
const lengthSlack = 120 * time.Millisecond

func (m matrixClip) check(t *testing.T, p *played) {
	t.Helper()
	for _, reason := range p.reasons {
		if reason != nil {
			t.Errorf("ended with %v", reason)
		}
	}
	length := time.Duration(clipSeconds) * time.Second
	if p.took < length-lengthSlack {
		t.Errorf("%v of media took %v", length, p.took)
	}
	if m.width > 0 {
		m.checkLengths(t, p, length)
		m.checkColours(t, p)
	}
	if m.silent {
		return
	}
	if d := p.soundLength() - length; d < -lengthSlack || d > lengthSlack {
		t.Errorf("%v of sound, want %v", p.soundLength(), length)
		return
	}
	share, level := p.tone(440)
	if share < 0.9 {
		t.Errorf("%.2f of the energy at 440 Hz", share)
	}
	if d := level - m.level; d < -2 || d > 2 {
		t.Errorf("level %.1f dB, want %.1f", level, m.level)
	}
}

// checkLengths looks at how many pictures came, and over which time.
func (m matrixClip) checkLengths(t *testing.T, p *played, length time.Duration) {
	t.Helper()
	if n, want := len(p.pictures)+p.dropped, int(length.Seconds()*float64(m.framerate)); n < want-1 || n > want+1 {
		t.Errorf("%d pictures and %d dropped, want %d", len(p.pictures), p.dropped, want)
	}
	// The last picture itself may have been dropped.
	if d := p.pictureLength() - length; (d < -lengthSlack && p.dropped == 0) || d > 2*lengthSlack {
		t.Errorf("%v of pictures, want %v", p.pictureLength(), length)
	}
}

// checkColours looks at the size of all pictures, and at their quarters.
func (m matrixClip) checkColours(t *testing.T, p *played) {
	t.Helper()
	for i, picture := range p.pictures {
		if picture.width != m.width || picture.height != m.height {
			t.Fatalf("picture %d is of %dx%d, want %dx%d", i, picture.width, picture.height, m.width, m.height)
		}
		for corner, c := range picture.corners {
			if want := m.corners[corner]; !c.Near(want, m.tolerance) {
				t.Fatalf("picture %d: quarter %d is %v, want %v", i, corner, c, want)
			}
		}
	}
}
