package source_test

import (
	"syscall"
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source"
)

// benchSeconds is how long each clip plays, in real time.
const benchSeconds = 10

// The clips of the benchmark: a test picture that moves everywhere, and one
// with the noise and the slow zoom of a camera.
var benchClips = map[string][]string{
	"testsrc": testPicture,
	"camera": {
		"-f", "lavfi", "-i",
		"mandelbrot=s=560x320:r=30:start_scale=0.02:end_scale=0.0005:end_pts=1200,noise=alls=6:allf=t",
	},
}

// BenchmarkFile plays a 560x320 30 fps H264 file as VP8 and Opus. It reports
// the share of a core that it takes, with all that it does.
func BenchmarkFile(b *testing.B) {
	for name, picture := range benchClips {
		path := clip(b, "bench-"+name+".mp4", picture, tone440, h264,
			[]string{"-b:v", "500k", "-c:a", "aac", "-t", "12"})
		for codecName, codec := range map[string]media.Codec{"VP8": vp8, "VP9": vp9, "H264": avc} {
			b.Run(name+"/"+codecName, func(b *testing.B) {
				for range b.N {
					play(b, path, codec)
				}
			})
		}
	}
}

func play(b *testing.B, path string, c media.Codec) {
	f := newFixture(b)
	opened, err := f.registry.Open(b.Context(), source.Spec{Type: "file", Value: path, Loop: true}, true, true)
	if err != nil {
		b.Fatal(err)
	}
	video, audio := newCollector(), newCollector()
	before := processorTime(b)
	feed := attach(b, opened.Video, c, media.EncodingSettings{}, video)
	attach(b, opened.Audio, opus, media.EncodingSettings{}, audio)
	audio.wait(b, benchSeconds*50, 2*benchSeconds*time.Second)
	used := processorTime(b) - before
	stats := feed.Stats()
	bytes := 0
	for _, frame := range video.snapshot() {
		bytes += len(frame.Data)
	}
	b.ReportMetric(100*used.Seconds()/benchSeconds, "%core")
	b.ReportMetric(float64(stats.FramesEncoded)/benchSeconds, "fps")
	b.ReportMetric(float64(stats.FramesDropped), "dropped")
	b.ReportMetric(float64(bytes)*8/benchSeconds/1000, "kbit/s")
	b.ReportMetric(stats.TotalEncodeTime.Seconds()*1000/float64(stats.FramesEncoded), "ms/frame")
	f.registry.Close()
}

func processorTime(b testing.TB) time.Duration {
	b.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
