package source_test

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source"
)

// cutAfter is a transport stream without what comes before its n-th access unit of pictures.
func cutAfter(t *testing.T, path string, n int) string {
	t.Helper()
	const packet = 188
	whole := read(t, path)
	kept := bytes.Clone(whole[:0])
	pictures := 0
	for at := 0; at+packet <= len(whole); at += packet {
		one := whole[at : at+packet]
		begins := one[1]&0x40 != 0
		pid := int(one[1]&0x1f)<<8 | int(one[2])
		if pid == 0x100 && begins {
			pictures++
		}
		if pid < 0x100 || pictures > n {
			kept = append(kept, one...)
		}
	}
	return write(t, "cut.ts", kept)
}

// Who joins between two keyframes sees pictures from the next one on, however far it is.
func TestAGroupOfPicturesThatWasCutIsWaitedOut(t *testing.T) {
	for name, test := range map[string]struct {
		file      string
		arguments []string
	}{
		"with parameter sets in each picture":   {"group-all.ts", []string{"-bsf:v", "dump_extra=freq=all"}},
		"with parameter sets in keyframes only": {"group-key.ts", nil},
	} {
		t.Run(name, func(t *testing.T) {
			whole := clip(t, test.file, quarters, []string{
				"-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p",
				"-tune", "zerolatency", "-g", "325", "-keyint_min", "325", "-sc_threshold", "0", "-t", "16",
			}, test.arguments)
			file := cutAfter(t, whole, 25)
			p, err := playExactly(t, source.Spec{Value: file}, false, true)
			if err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(p.reasons...); err != nil {
				t.Error(err)
			}
			// 3 s of 16 follow the second keyframe.
			if len(p.pictures) < 70 {
				t.Errorf("%d pictures, the first at %v", len(p.pictures), firstOf(p))
			}
		})
	}
}

func firstOf(p *played) time.Duration {
	if len(p.pictures) == 0 {
		return -1
	}
	return p.pictures[0].pts
}
