package device

import "math"

// inputFormats are FFmpeg's names of what cameras send, the cheapest to use first.
var inputFormats = []struct{ code, name string }{
	{"YU12", "yuv420p"},
	{"NV12", "nv12"},
	{"YUYV", "yuyv422"},
	{"UYVY", "uyvy422"},
	{"MJPG", "mjpeg"},
	{"JPEG", "mjpeg"},
	{"H264", "h264"},
	{"RGB3", "rgb24"},
	{"BGR3", "bgr24"},
	{"GREY", "gray"},
}

// CameraMode chooses how a camera is read for a wanted size and rate: FFmpeg's
// name of the format and the size. Empty leaves the choice to FFmpeg.
//
// FFmpeg takes the first format that the camera has, which for many is raw
// pictures at five a second where MJPEG would give thirty.
func CameraMode(path string, width, height int, rate float64) (format string, chosenWidth, chosenHeight int) {
	call, done, err := openCamera(path)
	if err != nil {
		return "", 0, 0
	}
	defer done()
	m := chooseMode(cameraModes(call), width, height, rate)
	return m.format, m.width, m.height
}

// chooseMode prefers the nearest size, then enough pictures a second, then the
// cheapest format. Its format is FFmpeg's name.
func chooseMode(modes []mode, width, height int, rate float64) mode {
	var best mode
	bestSize, bestRate, bestRank := math.MaxInt, 0.0, 0
	for _, m := range modes {
		rank, name := -1, ""
		for i, known := range inputFormats {
			if known.code == m.format {
				rank, name = i, known.name
				break
			}
		}
		if rank < 0 || m.width <= 0 || m.height <= 0 {
			continue
		}
		size := abs(m.width-width) + abs(m.height-height)
		enough := m.rate
		if rate > 0 && (enough == 0 || enough > rate) {
			enough = rate
		}
		switch {
		case size > bestSize,
			size == bestSize && enough < bestRate,
			size == bestSize && enough == bestRate && rank >= bestRank && best.format != "":
			continue
		}
		best = mode{format: name, width: m.width, height: m.height, rate: m.rate}
		bestSize, bestRate, bestRank = size, enough, rank
	}
	return best
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}
