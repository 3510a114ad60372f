package format

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// Parameter sets of baseline, 320x240.
var (
	givenSPS = []byte{0x67, 0x42, 0xc0, 0x0d, 0xda, 0x05, 0x07, 0xe8, 0x40, 0x00, 0x00, 0x03, 0x00, 0x40, 0x00, 0x00, 0x07, 0xa3, 0xc5, 0x0a, 0xa8}
	givenPPS = []byte{0x68, 0xce, 0x0f, 0xc8}
)

func annexB(units ...[]byte) []byte {
	var out []byte
	for _, unit := range units {
		out = appendUnit(out, unit)
	}

	return out
}

func lengths(size int, units ...[]byte) []byte {
	var out []byte
	for _, unit := range units {
		for i := size - 1; i >= 0; i-- {
			out = append(out, byte(len(unit)>>(8*i)))
		}
		out = append(out, unit...)
	}

	return out
}

func describe(size int) []byte {
	out := []byte{1, givenSPS[1], givenSPS[2], givenSPS[3], byte(0xfc | (size - 1)), 0xe1}
	out = append(append(out, lengths(2, givenSPS)...), 1)

	return append(out, lengths(2, givenPPS)...)
}

func given(t *testing.T, mime string, description []byte) *Given {
	t.Helper()
	g, refusal := NewGiven(mime, description)
	if refusal != "" {
		t.Fatal(refusal)
	}

	return g
}

func TestAVCCBecomesAnnexBWithTheSetsOfItsDescription(t *testing.T) {
	idr, slice := []byte{0x65, 1, 2, 3}, []byte{0x41, 9, 8}
	for _, size := range []int{1, 2, 4} {
		g := given(t, "video/H264", describe(size))
		unit, err := g.Frame(lengths(size, idr))
		if want := annexB(givenSPS, givenPPS, idr); err != nil || !unit.Keyframe || !bytes.Equal(unit.Data, want) {
			t.Fatalf("size %d: %x %v, expected %x", size, unit.Data, err, want)
		}
		unit, err = g.Frame(lengths(size, slice, slice))
		if want := annexB(slice, slice); err != nil || unit.Keyframe || !bytes.Equal(unit.Data, want) {
			t.Fatalf("size %d: %x %v, expected %x", size, unit.Data, err, want)
		}
	}
}

func TestAnnexBIsTakenWithShortAndLongStartCodes(t *testing.T) {
	g := given(t, "video/H264", nil)
	frame := append([]byte{0, 0, 0, 0, 1}, givenSPS...)
	frame = append(append(frame, 0, 0, 1), givenPPS...)
	frame = append(append(frame, 0, 0, 1), 0x65, 7)
	unit, err := g.Frame(frame)
	if err != nil || !unit.Keyframe || !bytes.Equal(unit.Data, annexB(givenSPS, givenPPS, []byte{0x65, 7})) {
		t.Fatalf("%x %v", unit.Data, err)
	}
	// The sets are known from now on.
	if unit, err = g.Frame(annexB([]byte{0x65, 8})); err != nil || !unit.Keyframe {
		t.Fatalf("%x %v", unit.Data, err)
	}
}

func TestKeyframesAreToldFromTheBitstream(t *testing.T) {
	sequence := []byte{0x0a, 0x02, 0x00, 0x00}
	for _, c := range []struct {
		mime     string
		key, not []byte
	}{
		{"video/VP8", []byte{0x10, 0, 0, 0x9d, 1, 0x2a, 64, 1, 240, 0, 5}, []byte{0x11, 0, 0, 5}},
		{"video/VP9", []byte{0x82, 0x49, 0x83, 0x42}, []byte{0x86, 0, 1}},
		{"video/AV1", append(bytes.Clone(sequence), 0x32, 0x02, 0x10, 0x00), []byte{0x12, 0x00, 0x32, 0x02, 0x30, 0x00}},
	} {
		g := given(t, c.mime, nil)
		for frame, want := range map[*[]byte]bool{&c.key: true, &c.not: false} {
			if unit, err := g.Frame(*frame); err != nil || unit.Keyframe != want {
				t.Errorf("%s %x: keyframe %v %v", c.mime, *frame, unit.Keyframe, err)
			}
		}
	}
}

func TestAMalformedFrameIsRefusedAndTheNextIsTaken(t *testing.T) {
	for _, c := range []struct {
		mime        string
		description []byte
		wrong       [][]byte
		right       []byte
	}{
		{
			"video/H264", nil,
			[][]byte{nil, {1}, {0, 0, 0, 4, 0x65, 1, 2, 3}, annexB([]byte{0x65, 1}), annexB([]byte{0xe5, 1}), annexB(givenSPS), {0, 0, 1}},
			annexB(givenSPS, givenPPS, []byte{0x65, 1}),
		},
		{
			"video/H264", describe(4),
			[][]byte{nil, {0, 0, 0}, {0, 0, 0, 9, 0x65}, annexB([]byte{0x65, 1, 2}), {255, 255, 255, 255, 1}},
			lengths(4, []byte{0x65, 1}),
		},
		{"video/VP8", nil, [][]byte{nil, {1}, {0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8}}, []byte{1, 0, 0}},
		{"video/VP9", nil, [][]byte{nil, {0x02}, {0xb0, 0}}, []byte{0x86}},
		{"video/AV1", nil, [][]byte{nil, {0x80}, {0x32, 0x09, 1}, {0x12, 0}, {0x32, 0x02, 0x10, 0}}, []byte{0x32, 0x02, 0x30, 0}},
		{"audio/opus", nil, [][]byte{nil, {0xff}, make([]byte, 1276)}, []byte{8, 1}},
		{"audio/PCMU", nil, [][]byte{nil, make([]byte, 1141)}, make([]byte, 160)},
	} {
		g := given(t, c.mime, c.description)
		for _, wrong := range c.wrong {
			if unit, err := g.Frame(wrong); !errors.Is(err, ErrFrame) {
				t.Errorf("%s %x: %x %v", c.mime, wrong[:min(len(wrong), 16)], unit.Data, err)
			}
		}
		if _, err := g.Frame(c.right); err != nil {
			t.Errorf("%s %x: %v", c.mime, c.right, err)
		}
	}
}

func TestWhatIsNoDescriptionIsRefused(t *testing.T) {
	whole := describe(4)
	for _, wrong := range [][]byte{{}, {1}, annexB(givenSPS, givenPPS), whole[:7], whole[:10]} {
		if _, refusal := NewGiven("video/H264", wrong); refusal == "" {
			t.Errorf("%x was taken", wrong)
		}
	}
	if _, refusal := NewGiven("video/VP8", whole); !strings.Contains(refusal, "description") {
		t.Error(refusal)
	}
	if _, refusal := NewGiven("video/theora", nil); !strings.Contains(refusal, "theora") {
		t.Error(refusal)
	}
}

func TestADescriptionIsHeldAgainstWhatWasNegotiated(t *testing.T) {
	g := given(t, "video/H264", describe(4))
	for parameters, fits := range map[string]bool{
		"packetization-mode=1;profile-level-id=42e01f": true,
		"packetization-mode=1;profile-level-id=none":   false,
		"profile-level-id=42e01f":                      false,
	} {
		c := media.Codec{MimeType: "video/H264", ClockRate: 90000, Parameters: parameters}
		if refusal := g.Unfit(c); (refusal == "") != fits {
			t.Errorf("%s: %q", parameters, refusal)
		}
	}
}

func TestAStartCodeInAUnitWithALengthSmugglesNothingThrough(t *testing.T) {
	g := given(t, "video/H264", describe(4))
	if unit, err := g.Frame(lengths(4, []byte{0x65, 1, 0, 0, 1, 0xe5, 2})); !errors.Is(err, ErrFrame) {
		t.Errorf("%x, %v", unit.Data, err)
	}
	var units [][]byte
	do := func(unit []byte) { units = append(units, unit) }
	within := []byte{0x68, 1, 0, 0, 1, 0xc8, 2, 0, 0, 1, 0x67, 3}
	nalFraming{lengthSize: 4}.each(lengths(4, within), do)
	if rest, ok := eachCounted(1, append([]byte{0, byte(len(within))}, within...), do); !ok || len(rest) > 0 {
		t.Errorf("%x, %v", rest, ok)
	}
	if got, want := fmt.Sprintf("%x", units), "[6801 6703 6801 6703]"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func FuzzGiven(f *testing.F) {
	f.Add(describe(4), lengths(4, []byte{0x65, 1}), uint8(0))
	f.Add([]byte(nil), annexB(givenSPS, givenPPS, []byte{0x65, 1}), uint8(0))
	f.Add([]byte(nil), []byte{0x0a, 0x02, 0, 0, 0x32, 0x02, 0x10, 0}, uint8(3))
	mimes := []string{"video/H264", "video/VP8", "video/VP9", "video/AV1", "audio/opus", "audio/PCMU"}
	f.Fuzz(func(t *testing.T, description, frame []byte, which uint8) {
		mime := mimes[int(which)%len(mimes)]
		if mime != "video/H264" || len(description) == 0 {
			description = nil
		}
		g, refusal := NewGiven(mime, description)
		if refusal != "" {
			return
		}
		unit, err := g.Frame(frame)
		if err != nil {
			if !errors.Is(err, ErrFrame) || len(unit.Data) > 0 {
				t.Fatalf("%v %x", err, unit.Data)
			}

			return
		}
		if len(unit.Data) == 0 || len(unit.Data) > 2*mostParameterSets+4*len(frame)+len(description) {
			t.Fatalf("%d bytes of %d", len(unit.Data), len(frame))
		}
		if mime == "video/H264" && checkAnnexB(unit.Data) != "" {
			t.Fatalf("%x is not Annex B", unit.Data)
		}
	})
}
