package source_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec/codectest"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source"
)

// What can't be read ahead of its time passes where that is asked for, and only there.
func TestALiveStreamPassesWhereItIsForced(t *testing.T) {
	t.Parallel()
	server := newRTSPServer(t, false, nil)
	server.publish(t)
	spec := source.Spec{Type: "url", Value: "rtsp://" + server.address + "/live", Options: overTCP, Decode: forced}
	f := newFixture(t)
	opened := f.open(t, spec, false, true)
	first, late := newCollector(), newCollector()
	feed := attach(t, opened.Video, avc42e01f, media.EncodingSettings{}, first)
	first.wait(t, 40, 2*patience)
	if encoder := feed.Stats().Encoder; encoder != passedThrough {
		t.Errorf("encoder %q", encoder)
	}
	attach(t, opened.Video, avc42e01f, media.EncodingSettings{}, late)
	late.wait(t, 20, patience)
	for name, came := range map[string]*collector{"first": first, "late": late} {
		frames := came.snapshot()
		rising(t, frames)
		if units := nalUnits(frames[0].Data); !frames[0].Keyframe || units[0][0]&31 != 7 || units[1][0]&31 != 8 {
			t.Errorf("%s does not begin with a keyframe and its parameter sets", name)
		}
		if red := redOf(t, avc42e01f, frames); red < len(frames)/2 {
			t.Errorf("%s: %d of %d pictures are red", name, red, len(frames))
		}
	}

	// Its sound is AAC, which is never negotiated.
	_, err := f.registry.Open(t.Context(), spec, true, true)
	if !errors.Is(err, source.ErrNotSupported) || !strings.Contains(err.Error(), "coded as AAC") {
		t.Errorf("with sound: %v", err)
	}

	spec.Decode = nil
	transcoded := f.open(t, spec, false, true)
	came := newCollector()
	feed = attach(t, transcoded.Video, avc42e01f, media.EncodingSettings{}, came)
	came.wait(t, 1, 2*patience)
	if encoder := feed.Stats().Encoder; encoder != "OpenH264" {
		t.Errorf("where decode is unset: encoder %q", encoder)
	}
}

// redOf decodes frames, and counts the red pictures.
func redOf(t *testing.T, c media.Codec, frames []*media.EncodedFrame) (count int) {
	t.Helper()
	decoder, err := codec.NewVideoDecoder(c)
	if err != nil {
		t.Fatal(err)
	}
	defer decoder.Close()
	for i, frame := range frames {
		pictures, err := decoder.Decode(frame.Data, frame.PTS)
		if err != nil {
			t.Fatalf("frame %d: %v", i, err)
		}
		for _, picture := range pictures {
			if codectest.At(picture, picture.Width/2, picture.Height/2).Near(red, 12) {
				count++
			}
			picture.Release()
		}
	}
	return count
}
