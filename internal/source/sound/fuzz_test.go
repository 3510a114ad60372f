package sound

import (
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
)

// Sound of any lengths and times becomes whole pieces whose times rise, without
// more silence between them than is allowed.
func FuzzPieces(f *testing.F) {
	f.Add([]byte{10, 0, 20, 30, 5, 200, 255, 255, 1, 0, 0, 9}, 2)
	f.Add([]byte{1, 128, 2, 127}, 1)
	f.Fuzz(func(t *testing.T, script []byte, channels int) {
		p := Pieces{channels: 1 + max(channels, -channels)&1}
		last := av.NoTime
		for len(script) >= 2 && last < 5*time.Minute {
			count, at := int(script[0])*16, script[1]
			script = script[2:]
			start := av.NoTime
			if at < 250 {
				start = p.End() + time.Duration(int(at)-100)*time.Duration(at)*3*time.Millisecond
			}
			p.Add(make([]int16, count*p.channels), start, 0)
			if len(p.ready) > int(mostSilence/PieceDuration)+count/pieceSamples+2 {
				t.Fatalf("%d pieces at once", len(p.ready))
			}
			for len(p.ready) > 0 {
				piece := p.Take()
				if len(piece.Samples) != pieceSamples*p.channels || last != av.NoTime && piece.PTS < last+PieceDuration {
					t.Fatalf("%d samples at %v, after %v", len(piece.Samples), piece.PTS, last)
				}
				last = piece.PTS
				p.Recycle(piece)
			}
		}
	})
}
