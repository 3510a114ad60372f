package source_test

import (
	"bytes"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec/codectest"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/sink"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source"
)

// station sends coded sound as radio does: what listeners missed at once, then as it is made,
// again and again.
type station struct {
	contentType string
	content     []byte
	// header is sent to each listener first.
	header int
	// burst is how much was kept, perSecond how much is made.
	burst, perSecond int
	silent           atomic.Bool
	listeners        atomic.Int32

	mu   sync.Mutex
	drop chan struct{}
}

func (s *station) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.silent.Load() {
		http.NotFound(w, r)
		return
	}
	s.mu.Lock()
	if s.drop == nil {
		s.drop = make(chan struct{})
	}
	drop := s.drop
	s.mu.Unlock()
	s.listeners.Add(1)
	w.Header().Set("Content-Type", s.contentType)
	w.Header().Set("icy-name", "test")
	begin := time.Now()
	if _, err := w.Write(s.content[:s.header+s.burst]); err != nil {
		return
	}
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for sent := 0; ; {
		w.(http.Flusher).Flush()
		select {
		case <-tick.C:
		case <-drop:
			return
		case <-r.Context().Done():
			return
		}
		made := int(time.Since(begin).Seconds() * float64(s.perSecond))
		for ; sent < made; sent++ {
			rest := s.content[s.header+s.burst:]
			if _, err := w.Write(rest[sent%len(rest) : sent%len(rest)+1]); err != nil {
				return
			}
		}
	}
}

// stop drops the listeners, and has nothing for those who ask again until it is heard anew.
func (s *station) stop() {
	s.silent.Store(true)
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.drop)
	s.drop = nil
}

// kept is how long before the newest a station begins; then the tone becomes another.
const kept = 10 * time.Second

// newStation codes 440 Hz, which is old, and 880 Hz from the newest on.
func newStation(t *testing.T, name, contentType string, arguments ...string) *station {
	t.Helper()
	tones := fmt.Sprintf("aevalsrc=if(lt(t\\,%.0f)\\,sin(2*PI*440*t)\\,sin(2*PI*880*t))/2:s=48000:d=40", kept.Seconds())
	whole := read(t, clip(t, name, []string{"-f", "lavfi", "-i", tones}, arguments))
	s := &station{contentType: contentType, content: whole}
	if bytes.HasPrefix(whole, []byte("OggS")) {
		// Listeners join half-way, on a page, after the two that say what it is.
		page := func(from int) int { return from + 1 + bytes.Index(whole[from+1:], []byte("OggS")) }
		s.header = page(page(0))
		half := page(len(whole) / 8)
		s.content = append(bytes.Clone(whole[:s.header]), whole[half:]...)
	}
	s.perSecond = (len(whole) - s.header) / 40
	s.burst = int(kept.Seconds())*s.perSecond - (len(whole) - len(s.content))
	return s
}

// heardNewest tells when the newest was heard.
func heardNewest(t *testing.T, f *fixture, track media.Track) time.Duration {
	t.Helper()
	begin := time.Now()
	var mu sync.Mutex
	var window []int16
	found := make(chan time.Duration, 1)
	tap, err := sink.NewTap(track, opus, media.EncodingSettings{Stereo: true}, sink.Handlers{
		Error: func(err error) { t.Error(err) },
		Audio: func(frame *media.AudioFrame) {
			mu.Lock()
			defer mu.Unlock()
			window = append(window, frame.Samples...)
			if len(window) < 9600*2 {
				return
			}
			if codectest.ToneShare(window, 48000, 2, 880) > 0.8 {
				select {
				case found <- time.Since(begin):
				default:
				}
			}
			window = window[:0]
		},
	}, f.start)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(tap.Close)
	select {
	case after := <-found:
		return after
	case <-time.After(2 * patience):
		t.Fatal("the newest was never heard")
		return 0
	}
}

func TestRadioIsPlayedFromItsNewestAndOpenedAgain(t *testing.T) {
	for name, test := range map[string]struct {
		contentType string
		arguments   []string
	}{
		"radio.mp3":  {"audio/mpeg", []string{"-c:a", "libmp3lame", "-b:a", "128k"}},
		"radio.aac":  {"audio/aac", []string{"-c:a", "aac", "-b:a", "128k", "-f", "adts"}},
		"radio.opus": {"application/ogg", []string{"-c:a", "libopus", "-b:a", "128k", "-vbr", "off", "-page_duration", "100000"}},
		"radio.oga":  {"audio/ogg", []string{"-c:a", "flac", "-f", "ogg", "-page_duration", "100000"}},
		// What it is called is not what it is.
		"wrong.aac": {"audio/mpeg", []string{"-c:a", "aac", "-b:a", "128k", "-f", "adts"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStation(t, name, test.contentType, test.arguments...)
			f := newFixture(t)
			address := serve(t, s.ServeHTTP)
			begin := time.Now()
			opened := f.open(t, source.Spec{Type: "url", Value: address, Timeout: patience}, true, false)
			t.Logf("open after %v", time.Since(begin))
			reasons := ended(opened.Audio)
			after := heardNewest(t, f, opened.Audio)
			t.Logf("the newest after %v", after)
			if after > kept/2 {
				t.Errorf("%v of what was kept were played", after)
			}
			s.stop()
			before := s.listeners.Load()
			eventually(t, patience, "nobody listening", func() bool { return s.silent.Load() })
			s.silent.Store(false)
			eventually(t, 2*patience, "listening again", func() bool { return s.listeners.Load() > before })
			if again := heardNewest(t, f, opened.Audio); again > kept/2 {
				t.Errorf("again: %v", again)
			}
			select {
			case reason := <-reasons:
				t.Errorf("ended: %v", reason)
			default:
			}
		})
	}
}

// A camera of MJPEG sends pictures as it takes them, without a word of when.
func TestACameraOverHTTPIsShownAsItsPicturesCome(t *testing.T) {
	picture := func(colour string) []byte {
		return read(t, clip(t, colour+"-camera.jpg", []string{"-f", "lavfi", "-i", "color=" + colour + ":s=160x120"}, []string{"-frames:v", "1", "-q:v", "3", "-f", "mjpeg"}))
	}
	redShot, blueShot := picture("red"), picture("blue")
	for _, rate := range []int{10, 50} {
		t.Run(fmt.Sprint(rate), func(t *testing.T) {
			t.Parallel()
			var turned atomic.Int64
			var turn atomic.Bool
			address := serve(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "multipart/x-mixed-replace; boundary=frame")
				tick := time.NewTicker(time.Second / time.Duration(rate))
				defer tick.Stop()
				for {
					shown := redShot
					if turn.Load() {
						shown = blueShot
						turned.CompareAndSwap(0, time.Now().UnixNano())
					}
					if _, err := fmt.Fprintf(w, "--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n%s\r\n", len(shown), shown); err != nil {
						return
					}
					w.(http.Flusher).Flush()
					select {
					case <-tick.C:
					case <-r.Context().Done():
						return
					}
				}
			})
			f := newFixture(t)
			opened := f.open(t, source.Spec{Type: "url", Value: address}, false, true)
			var pictures atomic.Int32
			seen := make(chan time.Duration, 1)
			tap, err := sink.NewTap(opened.Video, vp8, media.EncodingSettings{}, sink.Handlers{
				Error: func(err error) { t.Error(err) },
				Video: func(frame *media.VideoFrame) {
					pictures.Add(1)
					if codectest.At(frame, 80, 60).Near(blue, 12) {
						select {
						case seen <- time.Since(time.Unix(0, turned.Load())):
						default:
						}
					}
				},
			}, f.start)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(tap.Close)
			begin := time.Now()
			eventually(t, 2*patience, "pictures of 3 s", func() bool { return time.Since(begin) > 3*time.Second })
			seconds := time.Since(begin).Seconds()
			shown, late := float64(pictures.Load())/seconds, float64(tap.Feed().Stats().FramesDropped)/seconds
			turn.Store(true)
			after := <-seen
			t.Logf("%.1f pictures a second, seen after %v; %.1f came too late", shown, after, late)
			if after > time.Second*slack() {
				t.Errorf("seen after %v", after)
			}
			// A busy machine leaves out some. FFmpeg alone would take them for 25 a second.
			if shown < min(float64(rate)*0.6, 15) || shown+late < min(float64(rate)*0.6, 26) {
				t.Errorf("%.1f pictures a second of %d, and %.1f came too late", shown, rate, late)
			}
		})
	}
}
