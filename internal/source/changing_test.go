package source_test

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source"
)

// joined is one file after the other; head is what the second is left out of at its beginning.
func joined(t *testing.T, head int, first, second string) string {
	t.Helper()
	return write(t, "joined"+filepath.Ext(first), slices.Concat(read(t, first), read(t, second)[head:]))
}

// What a file holds may change half-way: it plays on, or its tracks end and tell why.
func TestASourceThatChangesHalfWayPlaysOnOrSaysWhy(t *testing.T) {
	large := quartersOf(200, 160, 25)
	as := func(codec string, more ...string) []string { return append([]string{"-c:a", codec}, more...) }
	first := func(name string, parts ...[]string) string {
		return clip(t, "changing-1-"+name, append(parts, []string{"-t", "1"})...)
	}
	second := func(name string, parts ...[]string) string {
		return clip(t, "changing-2-"+name, append(parts, []string{"-t", "1.5", "-output_ts_offset", "1"})...)
	}
	x265 := []string{"-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-x265-params", "log-level=none"}
	flv1 := []string{"-c:v", "flv", "-b:v", "2M"}
	h265 := []string{"-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-x265-params", "log-level=none:keyint=20"}
	often := append(slices.Clone(x264), "-g", "20")
	mpeg2 := []string{"-c:v", "mpeg2video", "-g", "10", "-b:v", "2M"}
	mjpeg := []string{"-c:v", "mjpeg", "-pix_fmt", "yuvj420p"}
	h264File := first("h264.ts", quarters, tone440, x264, aac)
	aacFile := first("aac.flv", quarters, tone440, x264, aac)
	oggOpus := first("opus.ogg", tone440, as("libopus"))
	for name, test := range map[string]struct {
		file string
		// pictures arrive of the first and of the second, at the least.
		pictures [2]int
		// length is of the sound that arrives.
		length time.Duration
		// video and audio say why they ended, if it is to be told.
		video, audio string
	}{
		"H264 to H265": {
			// The last picture is lost: a demuxer takes the beginning of the next for its end.
			joined(t, 0, h264File, second("h265.ts", large, tone440, x265, aac)),
			[2]int{24, 0},
			2500 * time.Millisecond, "coded as hevc, where h264 was told", "",
		},
		"H264 to H265 for long": {
			joined(t, 0, h264File, clip(t, "changing-long.ts", large, tone440, x265, aac, []string{"-t", "13", "-output_ts_offset", "1"})),
			[2]int{24, 0},
			14 * time.Second, "coded as hevc, where h264 was told", "",
		},
		"H264 to H265 with keyframes": {
			joined(t, 0, h264File, second("h265-often.ts", large, tone440, h265, aac)),
			[2]int{24, 0},
			2500 * time.Millisecond, "coded as hevc, where h264 was told", "",
		},
		"H265 to H264": {
			joined(t, 0, first("h265-often.ts", quarters, tone440, h265, aac), second("h264-often.ts", large, tone440, often, aac)),
			[2]int{24, 0},
			2500 * time.Millisecond, "coded as h264, where hevc was told", "",
		},
		"H264 to MPEG-2": {
			joined(t, 0, h264File, second("mpeg2.ts", large, tone440, mpeg2, aac)),
			[2]int{24, 0},
			2500 * time.Millisecond, "coded as mpeg2video, where h264 was told", "",
		},
		"AAC to MP2": {
			joined(t, 0, h264File, second("mp2.ts", large, tone440, x264, as("mp2", "-ar", "44100"))),
			[2]int{25, 35},
			time.Second, "", "coded in another way",
		},
		"AAC of another rate": {
			joined(t, 0, h264File, second("aac.ts", large, tone440, x264, as("aac", "-ar", "22050", "-ac", "1"))),
			[2]int{25, 35},
			2500 * time.Millisecond, "", "",
		},
		"streams of their own": {
			// It is long, so that opening it does not find them.
			joined(t, 13, clip(t, "changing-8.flv", quarters, tone440, x264, aac, []string{"-t", "8"}),
				clip(t, "changing-13.flv", large, tone440, flv1, as("libmp3lame", "-ar", "44100"), []string{"-t", "5", "-output_ts_offset", "8"})),
			[2]int{200, 0},
			8 * time.Second, "coded as flv1", "coded as mp3",
		},
		"size and rate of FLV": {
			joined(t, 13, aacFile, second("aac.flv", large, tone440, x264, as("aac", "-ar", "44100", "-ac", "1"))),
			[2]int{25, 35},
			2500 * time.Millisecond, "", "",
		},
		"Vorbis of another rate": {
			joined(t, 0, first("vorbis.ogg", tone440, as("libvorbis")), second("vorbis.ogg", tone440, as("libvorbis", "-ar", "22050", "-ac", "1"))),
			[2]int{},
			2500 * time.Millisecond, "", "",
		},
		"Vorbis of a higher rate": {
			joined(t, 0, first("low.ogg", tone440, as("libvorbis", "-ar", "22050")), second("high.ogg", tone440, as("libvorbis", "-ar", "48000"))),
			[2]int{},
			2500 * time.Millisecond, "", "",
		},
		"Opus of other channels": {
			joined(t, 0, oggOpus, second("opus.ogg", tone440, as("libopus", "-ac", "1"))),
			[2]int{},
			2500 * time.Millisecond, "", "",
		},
		"FLAC of another rate": {
			joined(t, 0, first("flac.oga", tone440, as("flac", "-ac", "2")), second("flac.oga", tone440, as("flac", "-ar", "22050", "-ac", "1"))),
			[2]int{},
			2500 * time.Millisecond, "", "",
		},
		"Opus to Vorbis": {
			joined(t, 0, oggOpus, second("vorbis.ogg", tone440, as("libvorbis", "-ar", "22050", "-ac", "1"))),
			[2]int{},
			time.Second, "", "could not be read on",
		},
		"MP3 of another rate": {
			joined(t, 0, first("a.mp3", tone440, as("libmp3lame")), second("a.mp3", tone440, as("libmp3lame", "-ar", "22050", "-ac", "1"))),
			[2]int{},
			2500 * time.Millisecond, "", "",
		},
		"ADTS of another rate": {
			joined(t, 0, first("a.aac", tone440, as("aac")), second("a.aac", tone440, as("aac", "-ar", "22050", "-ac", "1"))),
			[2]int{},
			2500 * time.Millisecond, "", "",
		},
		"MJPEG of another size": {
			joined(t, 0, first("a.mjpeg", quarters, mjpeg), second("a.mjpeg", large, mjpeg)),
			[2]int{25, 35},
			0, "", "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			var p *played
			var err error
			begin := time.Now()
			reasons := map[string]string{}
			if test.pictures != [2]int{} {
				p, err = playExactly(t, source.Spec{Value: test.file}, false, true)
				if err != nil {
					t.Fatal(err)
				}
				if told := errors.Join(p.reasons...); told != nil {
					reasons["video"] = told.Error()
				}
				sizes := map[int]int{}
				for _, picture := range p.pictures {
					sizes[picture.width]++
					m := matrixClip{width: picture.width, height: picture.height}.withDefaults()
					m.checkColours(t, &played{pictures: []shown{picture}})
				}
				if sizes[160] < test.pictures[0] || sizes[200] < test.pictures[1] {
					t.Errorf("pictures by width: %v", sizes)
				}
				if p.took > 12*time.Second {
					t.Errorf("ended after %v", p.took)
				}
			}
			if test.length != 0 {
				if p, err = playExactly(t, source.Spec{Value: test.file}, true, false); err != nil {
					t.Fatal(err)
				}
				if told := errors.Join(p.reasons...); told != nil {
					reasons["audio"] = told.Error()
				}
				if d := p.soundLength() - test.length; d < -2*lengthSlack || d > 2*lengthSlack {
					t.Errorf("%v of sound", p.soundLength())
				}
				// Nothing of it is cut out or in: two parts may be where they meet.
				odd := 0
				for part := range slices.Chunk(p.samples[:len(p.samples)-playedRate/8], 2*playedRate/8) {
					if share, _ := (&played{samples: part}).tone(440); len(part) == 2*playedRate/8 && share < 0.9 {
						odd++
					}
				}
				if odd > 2 {
					t.Errorf("%d parts are another sound", odd)
				}
			}
			for kind, says := range map[string]string{"video": test.video, "audio": test.audio} {
				if told := reasons[kind]; (told == "") != (says == "") || !strings.Contains(told, says) {
					t.Errorf("%s ended with %q", kind, told)
				}
			}
			t.Log(reasons, time.Since(begin))
		})
	}
}

// What passes is not decoded: nobody else would notice.
func TestWhatPassesAndChangesItsCodecEndsAndSaysWhy(t *testing.T) {
	passes := false
	constrained := []string{"-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-profile:v", "baseline", "-g", "25"}
	x265 := []string{"-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-x265-params", "log-level=none:keyint=10:bframes=0"}
	file := joined(t, 0, clip(t, "passed-1.ts", quarters, constrained, []string{"-t", "1"}),
		clip(t, "passed-2.ts", quarters, x265, []string{"-t", "1.5", "-output_ts_offset", "1"}))
	f := newFixture(t)
	opened := f.open(t, source.Spec{Value: file, Decode: &passes, Timeout: 2 * patience}, false, true)
	reasons, came := ended(opened.Video), newCollector()
	attach(t, opened.Video, avc42e01f, media.EncodingSettings{}, came)
	reason := waitEnd(t, reasons, 2*patience)
	if reason == nil || !strings.Contains(reason.Error(), "coded as hevc, where h264 was told") {
		t.Errorf("ended with %v", reason)
	}
	// The last may be lost, whose end the beginning of the next is taken for.
	if n := came.count(); n < 24 || n > 25 {
		t.Errorf("%d pictures", n)
	}
}
