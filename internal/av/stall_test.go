package av

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path"
	"testing"
	"time"
)

// heldResource is a file, or what fails after a while.
type heldResource struct {
	*bytes.Reader
	url  string
	fail func() error
}

func (r *heldResource) Read(to []byte) (int, error) {
	if r.fail != nil {
		return 0, r.fail()
	}
	return r.Reader.Read(to)
}
func (*heldResource) Close() error       { return nil }
func (*heldResource) Seekable() bool     { return false }
func (r *heldResource) Location() string { return r.url }

// FFmpeg goes on with the next segment of a playlist where one fails: what fails as it is overdue
// has stalled, though the clock of the read is late.
func TestASegmentThatIsOverdueHasStalledThoughItIsToldAsAFailure(t *testing.T) {
	segment, err := os.ReadFile(clip(t, "a.ts", "-c:v", "libx264", "-pix_fmt", "yuv420p", "-an"))
	if err != nil {
		t.Fatal(err)
	}
	list := "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n/1.ts\n#EXTINF:1,\n/2.ts\n#EXTINF:1,\n/3.ts\n#EXT-X-ENDLIST\n"
	silent := errors.New("silent for as long")
	for name, test := range map[string]struct {
		opens, overdue bool
		want           error
	}{
		"opened":             {false, true, ErrStalled},
		"read":               {true, true, ErrStalled},
		"opened in its time": {false, false, io.EOF},
		"read in its time":   {true, false, io.EOF},
	} {
		t.Run(name, func(t *testing.T) {
			// On a busy machine a read takes a while.
			stall := time.Minute
			if test.overdue {
				stall = 300 * time.Millisecond
			}
			var d *Demuxer
			fail := func() error {
				if test.overdue {
					d.network.timer.Stop()
					time.Sleep(stall)
				}
				return silent
			}
			var err error
			d, err = OpenURL(t.Context(), "http://127.0.0.1/a.m3u8", URLInput{
				Stall: stall,
				Open: func(_ context.Context, url string, _ map[string]string) (Resource, error) {
					resource := &heldResource{Reader: bytes.NewReader(segment), url: url}
					switch path.Base(url) {
					case "a.m3u8":
						resource.Reader = bytes.NewReader([]byte(list))
					case "2.ts":
						if !test.opens {
							return nil, fail()
						}
						resource.fail = fail
					}
					return resource, nil
				},
			})
			if err != nil {
				t.Fatal(err)
			}
			defer d.Close()
			for err == nil {
				var p *Packet
				if p, err = d.Read(); err == nil {
					p.Release()
				}
			}
			if !errors.Is(err, test.want) {
				t.Errorf("ended with %v", err)
			}
		})
	}
}
