package play

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// formats are files of every kind that is read, by the arguments of FFmpeg's program for it. A folder has several: the
// first is the playlist of the others.
var formats = []struct{ name, arguments string }{
	{"h264-aac.mp4", "-c:v libx264 -preset ultrafast -c:a aac -movflags faststart"},
	{"b-frames.mp4", "-c:v libx264 -bf 2 -c:a libmp3lame"},
	{"fragments.mp4", "-c:v libx264 -preset ultrafast -c:a libopus -movflags frag_keyframe+empty_moov"},
	{"hevc.mp4", "-c:v libx265 -preset ultrafast -x265-params log-level=error -tag:v hvc1 -c:a ac3"},
	{"animation.mov", "-c:v qtrle -c:a pcm_s16be"},
	{"prores.mov", "-c:v prores_ks -an"},
	{"mobile.3gp", "-c:v h263 -s 176x144 -an"},
	{"ten-bits.mkv", "-c:v libx264 -preset ultrafast -pix_fmt yuv420p10le -c:a flac"},
	{"ffv1.mkv", "-c:v ffv1 -c:a pcm_f32le"},
	{"vp8-vorbis.webm", "-c:v libvpx -cpu-used 8 -deadline realtime -c:a libvorbis"},
	{"vp9-opus.webm", "-c:v libvpx-vp9 -cpu-used 8 -deadline realtime -c:a libopus"},
	{"av1.webm", "-c:v libaom-av1 -cpu-used 8 -usage realtime -strict -2 -an"},
	{"theora.ogv", "-c:v libtheora -c:a libvorbis"},
	{"sound.opus", "-vn -c:a libopus"},
	{"flac.oga", "-vn -c:a flac"},
	{"pcm.wav", "-vn -c:a pcm_s16le"},
	{"adpcm.wav", "-vn -c:a adpcm_ima_wav"},
	{"mulaw.au", "-vn -c:a pcm_mulaw"},
	{"sound.aiff", "-vn"},
	{"sound.mp3", "-vn -c:a libmp3lame -metadata title=a"},
	{"sound.flac", "-vn"},
	{"sound.aac", "-vn -c:a aac"},
	{"alac.m4a", "-vn -c:a alac"},
	{"sound.ac3", "-vn"},
	{"sound.eac3", "-vn"},
	{"sound.wv", "-vn"},
	{"sound.tta", "-vn"},
	{"h264-aac.ts", "-c:v libx264 -preset ultrafast -c:a aac"},
	{"mpeg2-mp2.ts", "-c:v mpeg2video -c:a mp2"},
	{"mpeg1.mpg", "-c:v mpeg1video -r 25 -c:a mp2"},
	{"flv1-mp3.flv", "-c:v flv1 -c:a libmp3lame -ar 44100"},
	{"h264-aac.flv", "-c:v libx264 -preset ultrafast -c:a aac"},
	{"mpeg4.avi", "-c:v mpeg4 -c:a libmp3lame"},
	{"mjpeg.avi", "-c:v mjpeg -pix_fmt yuvj420p -c:a pcm_u8"},
	{"wmv.asf", "-c:v wmv2 -c:a wmav2"},
	{"raw.y4m", "-an -s 64x48"},
	{"vp8.ivf", "-c:v libvpx -cpu-used 8 -deadline realtime -an"},
	{"av1.ivf", "-c:v libaom-av1 -cpu-used 8 -usage realtime -strict -2 -an"},
	{"video.h264", "-c:v libx264 -preset ultrafast -an"},
	{"video.hevc", "-c:v libx265 -preset ultrafast -x265-params log-level=error -an"},
	{"video.m4v", "-c:v mpeg4 -an"},
	{"video.nut", "-c:v huffyuv -c:a pcm_s24le"},
	{"video.gif", "-an"},
	{"video.apng", "-an"},
	{"picture.png", "-an -frames:v 1"},
	{"picture.jpg", "-an -frames:v 1 -pix_fmt yuvj420p"},
	{"picture.bmp", "-an -frames:v 1"},
	{"picture.tiff", "-an -frames:v 1"},
	{"picture.webp", "-an -frames:v 1"},
	{"hls/a.m3u8", "-c:v libx264 -preset ultrafast -c:a aac -g 2 -hls_time 0.1 -hls_list_size 0"},
	{"hls-mp4/a.m3u8", "-c:v libx264 -preset ultrafast -c:a aac -g 2 -hls_time 0.1 -hls_list_size 0 -hls_segment_type fmp4"},
	{"dash/a.mpd", "-c:v libx264 -preset ultrafast -c:a aac -g 2 -seg_duration 0.1"},
}

// seed is a file that mutations are made of, with those that it names.
type seed struct {
	name  string
	files map[string][]byte
	// names are those of files, that which is opened first.
	names []string
}

type seeds struct {
	folder string
	all    []seed
}

// seedFiles makes a third of a second of each format.
func seedFiles(t *testing.T) *seeds {
	t.Helper()
	s := &seeds{folder: t.TempDir(), all: make([]seed, len(formats))}
	var all sync.WaitGroup
	places := make(chan struct{}, 4)
	for i, format := range formats {
		all.Go(func() {
			places <- struct{}{}
			defer func() { <-places }()
			var err error
			if s.all[i], err = makeSeed(filepath.Join(s.folder, "seeds", strings.ReplaceAll(format.name, ".", "-")), format.name, format.arguments); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if t.Failed() {
		t.FailNow()
	}

	return s
}

func makeSeed(folder, name, arguments string) (seed, error) {
	path := filepath.Join(folder, name)
	err := os.MkdirAll(filepath.Dir(path), 0o700)
	ffmpeg := exec.Command("ffmpeg", append(append([]string{
		"-nostdin", "-v", "error", "-y", "-f", "lavfi", "-i", "testsrc=s=96x64:r=12", "-f", "lavfi", "-i", "sine=440:r=48000", "-pix_fmt", "yuv420p",
	}, strings.Fields(arguments)...), "-threads", "1", "-t", "0.34", filepath.Base(path))...)
	ffmpeg.Dir = filepath.Dir(path)
	output, failed := ffmpeg.CombinedOutput()
	if err = errors.Join(err, failed); err != nil {
		return seed{}, fmt.Errorf("make %s with ffmpeg (apt-get install -y --no-install-recommends ffmpeg): %w\n%s", name, err, output)
	}
	s := seed{name: filepath.Base(name), names: []string{filepath.Base(name)}, files: make(map[string][]byte)}
	entries, err := os.ReadDir(filepath.Dir(path))
	for _, entry := range entries {
		content, failed := os.ReadFile(filepath.Join(filepath.Dir(path), entry.Name()))
		err = errors.Join(err, failed)
		s.files[entry.Name()] = content
		if entry.Name() != s.name {
			s.names = append(s.names, entry.Name())
		}
	}

	return s, err
}
