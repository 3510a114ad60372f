package source_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source"
)

// muxed are the containers that FFmpeg writes and this build reads: the file, and
// the options with which it is made. Of a "v" there are pictures, of an "a" sound.
var muxed = []struct{ kinds, name, options string }{
	{"av", "m.3g2", "-c:v mpeg4 -c:a aac"},
	{"av", "m.3gp", "-c:v h263 -s 176x144 -c:a aac"},
	{"av", "m.asf", "-c:v msmpeg4v3 -c:a wmav2"},
	{"av", "m.avi", "-c:v mpeg4 -c:a libmp3lame"},
	{"av", "m-bframes.avi", "-c:v mpeg4 -bf 2 -c:a pcm_s16le"},
	{"av", "m.cpk", "-f film_cpk -c:v cinepak -c:a pcm_s16be_planar -ac 1 -s 64x64"},
	{"av", "m.dv", "-s 720x576 -r 25 -pix_fmt yuv420p -c:a pcm_s16le -ac 2 -ar 48000"},
	{"av", "m-dvd.vob", "-f dvd -c:v mpeg2video -c:a ac3"},
	{"av", "m.f4v", "-c:v libx264 -pix_fmt yuv420p -c:a aac"},
	{"av", "m.flv", "-c:v flv1 -c:a libmp3lame -ar 44100"},
	{"av", "m-h264.flv", "-c:v libx264 -pix_fmt yuv420p -c:a aac"},
	{"av", "m.gxf", "-c:v mpeg2video -s 720x576 -r 25 -c:a pcm_s16le -ac 1"},
	{"av", "m.ismv", "-c:v libx264 -pix_fmt yuv420p -c:a aac"},
	{"av", "m.mkv", "-c:v libx264 -pix_fmt yuv420p -c:a libvorbis"},
	{"av", "m-live.mkv", "-live 1 -c:v libx264 -pix_fmt yuv420p -c:a aac"},
	{"av", "m.mov", "-c:v prores -c:a pcm_s24le"},
	{"av", "m.mp4", "-c:v libx264 -pix_fmt yuv420p -c:a aac"},
	{"av", "m-fragmented.mp4", "-c:v libx264 -pix_fmt yuv420p -g 10 -c:a aac -movflags frag_keyframe+empty_moov"},
	{"av", "m.mpg", "-c:v mpeg1video -c:a mp2"},
	{"av", "m-bframes.mpg", "-c:v mpeg2video -bf 2 -c:a mp2"},
	{"av", "m-svcd.mpg", "-f svcd -c:v mpeg2video -c:a mp2"},
	{"av", "m-vcd.mpg", "-f vcd -c:v mpeg1video -c:a mp2 -ar 44100 -ac 2"},
	{"av", "m.mxf", "-c:v mpeg2video -c:a pcm_s16le -r 25"},
	{"av", "m.nut", "-c:v mpeg4 -c:a libmp3lame"},
	{"av", "m.ogv", "-c:v libtheora -c:a libvorbis"},
	{"av", "m.psp", "-f psp -c:v libx264 -pix_fmt yuv420p -c:a aac"},
	{"av", "m.rm", "-c:v rv10 -s 176x144 -c:a ac3"},
	{"av", "m.roq", "-c:v roqvideo -s 64x64 -r 30 -c:a roq_dpcm -ar 22050 -ac 2"},
	{"av", "m.smjpeg", "-f smjpeg -c:v mjpeg -pix_fmt yuvj420p -c:a pcm_s16le"},
	{"av", "m.swf", "-c:v flv1 -c:a libmp3lame -ar 44100"},
	{"av", "m.ts", "-c:v libx264 -pix_fmt yuv420p -c:a aac"},
	{"av", "m-mpeg2.ts", "-c:v mpeg2video -bf 2 -c:a mp2"},
	{"av", "m.vob", "-f vob -c:v mpeg2video -c:a ac3"},
	{"av", "m.webm", "-c:v libvpx -deadline realtime -c:a libopus"},
	{"av", "m.wmv", "-c:v wmv2 -c:a wmav2"},
	{"av", "m.wtv", "-c:v mpeg2video -c:a mp2"},
	{"av", "m.amv", "-c:v amv -s 160x120 -r 25 -c:a adpcm_ima_amv -ar 22050 -ac 1 -block_size 882 -strict -1"},
	{"av", "m.m3u8", "-c:v libx264 -pix_fmt yuv420p -g 10 -c:a aac -hls_time 1 -hls_list_size 0"},
	{"av", "m-fmp4.m3u8", "-c:v libx264 -pix_fmt yuv420p -g 10 -c:a aac -hls_time 1 -hls_list_size 0 -hls_segment_type fmp4 -hls_fmp4_init_filename m-fmp4-init.mp4"},
	{"av", "m.mpd", "-c:v libx264 -pix_fmt yuv420p -g 10 -c:a aac -seg_duration 1"},
	{"v", "m.apng", "-f apng"},
	{"v", "m.dnxhd", "-c:v dnxhd -profile:v dnxhr_lb -s 256x144 -pix_fmt yuv422p"},
	{"v", "m.gif", ""},
	{"v", "m.h261", "-s 176x144"},
	{"v", "m.h263", "-s 176x144"},
	{"v", "m.h264", "-c:v libx264 -pix_fmt yuv420p"},
	{"v", "m.hevc", "-c:v libx265 -pix_fmt yuv420p -x265-params log-level=none"},
	{"v", "m.ivf", "-c:v libvpx -deadline realtime"},
	{"v", "m.m1v", "-c:v mpeg1video"},
	{"v", "m.m2v", "-c:v mpeg2video"},
	{"v", "m.m4v", "-c:v mpeg4"},
	{"v", "m.mjpeg", "-pix_fmt yuvj420p"},
	{"v", "m.mpjpeg", "-f mpjpeg -c:v mjpeg -pix_fmt yuvj420p"},
	{"v", "m.obu", "-c:v libaom-av1 -cpu-used 8 -usage realtime"},
	{"v", "m.y4m", "-pix_fmt yuv420p"},
	{"a", "m.ac3", ""},
	{"a", "m.adts", "-c:a aac"},
	{"a", "m.adx", ""},
	{"a", "m.aiff", ""},
	{"a", "m.au", ""},
	{"a", "m.caf", ""},
	{"a", "m.dts", "-c:a dca -strict -2"},
	{"a", "m.eac3", ""},
	{"a", "m.flac", ""},
	{"a", "m.g722", "-ar 16000 -ac 1"},
	{"a", "m.gsm", "-ar 8000 -ac 1"},
	{"a", "m.ircam", "-f ircam"},
	{"a", "m.latm", "-c:a aac"},
	{"a", "m.m4a", "-c:a alac"},
	{"a", "m.mka", "-c:a flac"},
	{"a", "m.mlp", "-strict -2"},
	{"a", "m.mmf", "-ar 8000 -ac 1"},
	{"a", "m.mp2", ""},
	{"a", "m.mp3", ""},
	{"a", "m.oga", "-c:a flac"},
	{"a", "m.opus", ""},
	{"a", "m.rso", "-ar 8000 -ac 1"},
	{"a", "m.sox", ""},
	{"a", "m.spx", "-c:a libspeex -ar 16000"},
	{"a", "m.thd", "-f truehd -strict -2"},
	{"a", "m.tta", ""},
	{"a", "m.voc", "-c:a pcm_u8 -ar 8000"},
	{"a", "m.w64", ""},
	{"a", "m.wav", ""},
	{"a", "m-adpcm.wav", "-c:a adpcm_ms"},
	{"a", "m.wma", "-c:a wmav2"},
	{"a", "m.wv", ""},
}

// muxedCodecs are those of the kinds that are in it.
func muxedCodecs(kinds string) (codecs []media.Codec) {
	if strings.Contains(kinds, "a") {
		codecs = append(codecs, opus)
	}
	if strings.Contains(kinds, "v") {
		codecs = append(codecs, vp8)
	}
	return codecs
}

func eachMuxed(t *testing.T, run func(t *testing.T, path, kinds string)) {
	for _, test := range muxed {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var parts [][]string
			if strings.Contains(test.kinds, "v") {
				parts = append(parts, flash("2"))
			}
			if strings.Contains(test.kinds, "a") {
				parts = append(parts, beep("2"))
			}
			path := clip(t, test.name, append(parts, strings.Fields(test.options))...)
			synctest.Test(t, func(t *testing.T) { run(t, path, test.kinds) })
		})
	}
}

func TestEveryContainerPlaysWhole(t *testing.T) {
	eachMuxed(t, func(t *testing.T, path, kinds string) {
		codecs := muxedCodecs(kinds)
		h := playFor(t, newFixture(t), source.Spec{Value: path, Decode: new(true)}, 4*time.Second, codecs...)
		h.mu.Lock()
		defer h.mu.Unlock()
		for _, c := range codecs {
			kind := media.Video
			if c.Channels > 0 {
				kind = media.Audio
			}
			if reason, over := h.ended[kind]; !over || reason != nil {
				t.Errorf("%v: ended %v, %v", kind, over, reason)
			}
			if kind == media.Audio {
				h.checkNoHole(t, kind, 60*time.Millisecond)
			}
			if sent := h.sent[kind]; len(sent) == 0 || sent[0] > 150*time.Millisecond {
				t.Errorf("%v: does not begin at the beginning: %v", kind, sent)
			}
		}
	})
}

func TestEveryContainerLoops(t *testing.T) {
	eachMuxed(t, func(t *testing.T, path, kinds string) {
		codecs := muxedCodecs(kinds)
		h := playFor(t, newFixture(t), source.Spec{Value: path, Loop: true, Decode: new(true)}, 8*time.Second, codecs...)
		h.mu.Lock()
		defer h.mu.Unlock()
		if len(h.ended) > 0 {
			t.Fatalf("ended: %v", h.ended)
		}
		marks := h.flashes
		if len(marks) == 0 {
			marks = h.beeps
		}
		if len(marks) < 3 {
			t.Fatalf("marks: %v and %v", h.flashes, h.beeps)
		}
		apart := time.Duration(0)
		if len(h.flashes) > 0 && len(h.beeps) > 0 {
			apart = h.beeps[1] - h.flashes[1]
		}
		h.checkRounds(t, 3, (marks[1] - marks[0]).Round(100*time.Millisecond), apart)
		if d := marks[1] - marks[0]; d < 1400*time.Millisecond || d > 2150*time.Millisecond {
			t.Errorf("a round takes %v", d)
		}
		if strings.Contains(kinds, "a") {
			h.checkNoHole(t, media.Audio, 60*time.Millisecond)
		}
	})
}

func TestEveryContainerIsJoined(t *testing.T) {
	eachMuxed(t, func(t *testing.T, path, kinds string) {
		if kinds != "av" {
			return
		}
		for _, order := range [][]media.Codec{{opus, vp8}, {vp8, opus}} {
			f := newFixture(t)
			opened := openFor(t, f, source.Spec{Value: path, Decode: new(true)}, order...)
			h := newHeard()
			h.listen(t, f, trackFor(opened, order[0]), order[0])
			sleep(t.Context(), time.Second)
			joined := time.Since(h.begin)
			h.listen(t, f, trackFor(opened, order[1]), order[1])
			sleep(t.Context(), 3*time.Second)
			first, second := trackFor(opened, order[0]).Kind(), trackFor(opened, order[1]).Kind()
			h.mu.Lock()
			for _, kind := range []media.Kind{first, second} {
				if reason, over := h.ended[kind]; !over || reason != nil {
					t.Errorf("%v: ended %v, %v", kind, over, reason)
				}
			}
			if first == media.Audio {
				h.checkNoHole(t, first, 60*time.Millisecond)
			}
			if came := h.came[first]; len(came) == 0 || came[len(came)-1] < 1400*time.Millisecond {
				t.Errorf("the first, %v, comes until %v", first, came)
			}
			if sent := h.sent[second]; len(sent) == 0 || sent[0] < joined-100*time.Millisecond || sent[0] > joined+200*time.Millisecond {
				t.Errorf("the second, %v, joined at %v, begins %v", second, joined, sent)
			}
			h.mu.Unlock()
		}
	})
}
