package av

import (
	"bytes"
	"runtime"
	"testing"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

func TestPicturesThatAreNotShownAsTheyAreCoded(t *testing.T) {
	for name, test := range map[string]struct {
		arguments []string
		want      bool
	}{
		"plain.mp4":      {[]string{"-c:v", "libx264", "-pix_fmt", "yuv420p"}, true},
		"plain.webm":     {[]string{"-c:v", "libvpx", "-c:a", "libopus"}, true},
		"wide.mp4":       {[]string{"-vf", "setsar=2", "-c:v", "libx264", "-pix_fmt", "yuv420p"}, false},
		"interlaced.mkv": {[]string{"-c:v", "libx264", "-pix_fmt", "yuv420p", "-flags", "+ildct", "-x264-params", "tff=1", "-field_order", "tt"}, false},
	} {
		d := open(t, clip(t, name, test.arguments...))
		for _, s := range d.Streams() {
			if s.Kind == media.Video && s.ShownAsCoded() != test.want {
				t.Errorf("%s: %v", name, s.ShownAsCoded())
			}
			if !s.Decodable() || s.Preference() < 1 {
				t.Errorf("%s: %s can't be decoded", name, s.Codec)
			}
		}
	}
}

// What is made of a stream, and what was read of it, is used after its demuxer: a
// live source that drops is opened anew for the same decoders.
func TestAStreamOutlivesItsDemuxer(t *testing.T) {
	for name, arguments := range map[string][]string{
		"a.mp4": {"-vf", "setsar=2", "-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac"},
		"a.ts":  {"-vf", "setsar=2", "-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "mp2"},
		"a.mkv": {"-vf", "setsar=2", "-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "libopus"},
	} {
		d := open(t, clip(t, name, arguments...))
		streams := d.Streams()
		early := make(map[int]*VideoDecoder)
		for _, s := range streams {
			if s.Kind == media.Video {
				decoder, err := NewVideoDecoder(s)
				if err != nil {
					t.Fatal(err)
				}
				defer decoder.Close()
				early[s.Index] = decoder
			}
		}
		var packets []*Packet
		for {
			p, err := d.Read()
			if err != nil {
				break
			}
			packets = append(packets, p)
		}
		d.Close()
		runtime.GC()
		pictures := 0
		for _, s := range streams {
			if !s.Decodable() || s.Preference() < 0 || s.Bitrate() < 0 || s.ShownAsCoded() != (s.Kind == media.Audio) {
				t.Errorf("%s: %+v", name, s)
			}
			if name != "a.ts" && len(s.Extradata()) == 0 {
				t.Errorf("%s: no extradata of %s", name, s.Codec)
			}
			if s.Kind == media.Audio {
				decoder, err := NewAudioDecoder(s)
				if err != nil {
					t.Fatal(err)
				}
				decoder.Close()
				continue
			}
			late, err := NewVideoDecoder(s)
			if err != nil {
				t.Fatal(err)
			}
			defer late.Close()
			for _, decoder := range []*VideoDecoder{early[s.Index], late} {
				for _, p := range packets {
					if p.Stream != s.Index {
						continue
					}
					if err := decoder.Send(p); err != nil {
						t.Fatal(err)
					}
					for {
						frame, _, err := decoder.Receive(nil)
						if err != nil {
							break
						}
						if frame.Width != 128 || frame.Height != 48 {
							t.Errorf("%s: a picture of %dx%d", name, frame.Width, frame.Height)
						}
						frame.Release()
						pictures++
					}
				}
			}
		}
		if pictures < 40 {
			t.Errorf("%s: %d pictures", name, pictures)
		}
		first := packets[0]
		for _, s := range streams {
			if s.Index == first.Stream {
				if err := first.Adopt(s, s, true); err != nil {
					t.Error(err)
				}
			}
		}
		for _, p := range packets {
			p.Release()
		}
	}
}

func TestAPacketIsMadeIndependentOfItsMemory(t *testing.T) {
	d := open(t, clip(t, "a.mp4", "-c:v", "libx264", "-pix_fmt", "yuv420p", "-an"))
	p, err := d.Read()
	if err != nil {
		t.Fatal(err)
	}
	defer p.Release()
	lent := p.Data()
	before := bytes.Clone(lent)
	if err := p.own(); err != nil {
		t.Fatal(err)
	}
	if &p.Data()[0] == &lent[0] || !bytes.Equal(p.Data(), before) {
		t.Error("it is not a copy of its own")
	}
}
