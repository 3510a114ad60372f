package sink_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os/exec"
	"testing"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/frames"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/sink"
)

// painted is a keyframe of 64x48 of one colour, whose bitstream says what its luma and chroma mean.
func painted(t *testing.T, encoder []string, container, colour, matrix, pixels string) []byte {
	t.Helper()
	scale := fmt.Sprintf("format=gbrp,scale=out_color_matrix=%s:out_range=%s:flags=accurate_rnd+full_chroma_int+full_chroma_inp,format=yuv420p", matrix, pixels)
	arguments := []string{
		"-v", "error", "-f", "lavfi", "-i", "color=" + colour + ":size=64x48:rate=10", "-vf", scale, "-frames:v", "1",
		"-colorspace", matrix, "-color_range", pixels, "-color_primaries", "bt709", "-color_trc", "bt709",
	}
	out, err := exec.CommandContext(t.Context(), "ffmpeg", append(append(arguments, encoder...), "-f", container, "-")...).Output()
	if err != nil {
		t.Fatal(err)
	}
	if container != "ivf" {
		return out
	}
	// A header of the file, and one of the frame.
	return out[44 : 44+binary.LittleEndian.Uint32(out[32:])]
}

func TestColoursAreWhatTheBitstreamSays(t *testing.T) {
	for _, test := range []struct {
		mime, container string
		encoder         []string
	}{
		{codec.MimeVP9, "ivf", []string{"-c:v", "libvpx-vp9", "-b:v", "2M"}},
		{codec.MimeAV1, "ivf", []string{"-c:v", "libaom-av1", "-cpu-used", "8", "-b:v", "2M"}},
		{codec.MimeH264, "h264", []string{"-c:v", "libx264", "-crf", "5", "-tune", "zerolatency", "-profile:v", "baseline"}},
		{codec.MimeH265, "hevc", []string{"-c:v", "libx265", "-crf", "5", "-x265-params", "log-level=none"}},
	} {
		for matrix, number := range map[string][]float64{"bt709": {1}, "smpte170m": {5, 6}, "bt2020nc": {9}} {
			for pixels, full := range map[string]float64{"tv": 0, "pc": 1} {
				t.Run(fmt.Sprintf("%s, %s of %s", test.mime, matrix, pixels), func(t *testing.T) {
					data := painted(t, test.encoder, test.container, "0x20c040", matrix, pixels)
					for _, format := range []frames.PixelFormat{frames.I420, frames.RGBA, frames.I444} {
						track := &codedTrack{fakeTrack{kind: media.Video}, media.Codec{MimeType: test.mime, ClockRate: 90000}}
						r := open(t, track, sink.ReaderOptions{Video: sink.VideoOptions{Format: format}})
						track.sink.WriteFrame(&media.EncodedFrame{Data: data, Keyframe: true})
						if test.mime == codec.MimeH265 || test.mime == codec.MimeH264 {
							// The picture comes out with what follows it.
							track.sink.WriteFrame(&media.EncodedFrame{Data: bytes.Clone(data), Keyframe: true, PTS: 1e8})
						}
						frame := r.next(t)
						if format == frames.RGBA {
							for i, want := range []int{0x20, 0xc0, 0x40} {
								if got := int(frame.Planes[0][i]); got < want-4 || got > want+4 {
									t.Errorf("the colour is %v", frame.Planes[0][:4])
									break
								}
							}
						} else if frame.FullRange != full || frame.Matrix != number[0] && frame.Matrix != number[len(number)-1] {
							t.Errorf("%v: matrix %v, full range %v", format, frame.Matrix, frame.FullRange)
						}
						frame.Release()
					}
				})
			}
		}
	}
}

func TestColoursOfRawPicturesAreTheirOwn(t *testing.T) {
	for _, test := range []struct {
		matrix uint8
		want   float64
	}{{0, 6}, {1, 1}, {9, 9}} {
		for _, options := range []sink.VideoOptions{{}, {Width: 32}, {Format: frames.NV12}} {
			track := &rawTrack{fakeTrack: fakeTrack{kind: media.Video}}
			r := open(t, track, sink.ReaderOptions{Video: options})
			picture := media.NewVideoFrame(64, 48)
			picture.Matrix = test.matrix
			track.raw.WriteVideo(picture)
			frame := r.next(t)
			if frame.Matrix != test.want || frame.FullRange != 0 {
				t.Errorf("matrix %d, %+v: %v, full range %v", test.matrix, options, frame.Matrix, frame.FullRange)
			}
			frame.Release()
		}
	}
}
