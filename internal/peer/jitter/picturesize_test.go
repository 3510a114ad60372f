package jitter

import (
	"encoding/hex"
	"testing"
)

// Beginnings of streams of 322x182 that FFmpeg's encoders made.
func TestPictureSizes(t *testing.T) {
	const (
		high     = "6764000cacd941519e226c0440000003004000000503c50a6580"
		baseline = "6742c00bd901519e226c0440000003004000000503c50a92"
		sequence = "08" + "000000043d06d4daf90040"
		hevc     = "42010101600000030090000003000003003ca00a480b9c95965669" + "24caf0168080000003008000000c84"
	)
	for name, of := range map[string]struct{ mimeType, payload string }{
		"VP8":                   {"video/VP8", "10" + "f067009d012a4201b600"},
		"VP8 with a picture ID": {"video/VP8", "908080ff" + "f067009d012a4201b600"},
		"VP9":                   {"video/VP9", "0c" + "824983420014100b5604"},
		"H264, high":            {"video/H264", high},
		"H264, baseline":        {"video/H264", baseline},
		"H264, aggregated":      {"video/H264", "18" + "000209f0" + "0018" + baseline},
		"H265":                  {"video/H265", hevc},
		"H265, aggregated":      {"video/H265", "6001" + "0003460150" + "002a" + hevc},
		"AV1, alone":            {"video/AV1", "18" + sequence},
		"AV1, before a frame":   {"video/AV1", "28" + "0c" + sequence + "301122"},
	} {
		payload, err := hex.DecodeString(of.payload)
		if err != nil {
			t.Fatal(err)
		}
		size, ok := sizeReader(of.mimeType)(payload)
		if !ok || size != (pictureSize{322, 182}) {
			t.Errorf("%s: %v, %v", name, size, ok)
		}
	}
}

func FuzzPictureSize(f *testing.F) {
	f.Add([]byte{0x67, 0x64, 0, 0x0c}, uint8(2))
	f.Fuzz(func(t *testing.T, payload []byte, which uint8) {
		mimeTypes := []string{"video/VP8", "video/VP9", "video/H264", "video/H265", "video/AV1"}
		size, ok := sizeReader(mimeTypes[int(which)%len(mimeTypes)])(payload)
		if ok && (size.width < 0 || size.height < 0 || size.width > 1<<16 || size.height > 1<<16) {
			t.Fatalf("%v", size)
		}
	})
}
