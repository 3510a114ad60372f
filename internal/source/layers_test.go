package source_test

import (
	"testing"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source"
)

func TestFeedsOfOneTrackHaveSizesOfTheirOwn(t *testing.T) {
	f := newFixture(t)
	opened := f.open(t, source.Spec{Value: longClip(t)}, false, true)
	full := newCollector()
	attach(t, opened.Video, vp8, media.EncodingSettings{}, full)
	full.wait(t, 1, patience)
	width, height := sizeOf(t, full.snapshot()[0])
	for _, factor := range []float64{2, 4} {
		smaller := newCollector()
		feed := attach(t, opened.Video, vp8, media.EncodingSettings{ScaleDownBy: factor}, smaller)
		smaller.wait(t, 3, patience)
		w, h := sizeOf(t, smaller.snapshot()[0])
		if want := int(float64(width)/factor) &^ 1; w != want || h != int(float64(height)/factor)&^1 {
			t.Errorf("%dx%d scaled down by %v is %dx%d", width, height, factor, w, h)
		}
		if stats := feed.Stats(); stats.Width != w || stats.SourceWidth != width {
			t.Errorf("stats tell %d of %d", stats.Width, stats.SourceWidth)
		}
	}
}

func TestFeedsHaveTheTemporalLayersThatTheyAskFor(t *testing.T) {
	f := newFixture(t)
	opened := f.open(t, source.Spec{Value: longClip(t)}, false, true)
	video, flat := newCollector(), newCollector()
	mode, err := media.ParseScalabilityMode("L1T3")
	if err != nil {
		t.Fatal(err)
	}
	attach(t, opened.Video, vp8, media.EncodingSettings{Scalability: mode, MaxBitrate: 3_000_000}, video)
	attach(t, opened.Video, vp8, media.EncodingSettings{}, flat)
	video.wait(t, 12, patience)
	flat.wait(t, 3, patience)
	for i, frame := range video.snapshot()[:12] {
		if want := []uint8{0, 2, 1, 2}[i%4]; frame.Scalability != mode || len(frame.Layers) != 1 ||
			frame.Layers[0].Temporal != want {
			t.Errorf("frame %d is of layers %+v, want %d", i, frame.Layers, want)
		}
	}
	for _, frame := range flat.snapshot() {
		if frame.Layers != nil || frame.Scalability.Layered() {
			t.Errorf("a frame of layers %+v that nobody asked for", frame.Layers)
		}
	}
}

// sizeOf decodes a keyframe.
func sizeOf(t *testing.T, frame *media.EncodedFrame) (width, height int) {
	t.Helper()
	decoder, err := codec.NewVideoDecoder(vp8)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = decoder.Close() }()
	pictures, err := decoder.Decode(frame.Data, 0)
	if err != nil || len(pictures) != 1 {
		t.Fatalf("%d pictures: %v", len(pictures), err)
	}
	defer pictures[0].Release()
	return pictures[0].Width, pictures[0].Height
}
