package recorder

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// failingDisk fails at the n-th time that something is asked of it, and from then on if it stays so.
type failingDisk struct {
	operation string
	n         int
	stays     bool
	// failure is nil where it panics.
	failure error

	mu    sync.Mutex
	times int
	// failed is when it did so first.
	failed time.Time
	open   map[string]int
}

func (d *failingDisk) fails(operation, name string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if operation != d.operation {
		return nil
	}
	d.times++
	if d.times < d.n || d.times > d.n && !d.stays {
		return nil
	}
	if d.failed.IsZero() {
		d.failed = time.Now()
	}
	if d.failure == nil {
		panic("deliberate")
	}
	if errors.Is(d.failure, io.ErrShortWrite) {
		return d.failure
	}

	return &os.PathError{Op: operation, Path: name, Err: d.failure}
}

func (d *failingDisk) holds(name string, more int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.open[name] += more; d.open[name] == 0 {
		delete(d.open, name)
	}
}

func (d *failingDisk) Open(name string, flag int) (handle, error) {
	if err := d.fails("open", name); err != nil {
		return nil, err
	}
	file, err := systemDisk{}.Open(name, flag)
	if err != nil {
		return nil, err
	}
	d.holds(name, 1)

	return &failingFile{handle: file, disk: d}, nil
}

func (d *failingDisk) Rename(from, to string) error {
	if err := d.fails("rename", from); err != nil {
		return err
	}

	return systemDisk{}.Rename(from, to)
}

func (d *failingDisk) Remove(name string) error { return systemDisk{}.Remove(name) }

type failingFile struct {
	handle
	disk *failingDisk
}

func (f *failingFile) Write(b []byte) (int, error) {
	err := f.disk.fails("write", f.Name())
	if err == nil {
		return f.handle.Write(b)
	}
	// Some of it is there.
	n, _ := f.handle.Write(b[:len(b)/2])
	if errors.Is(err, io.ErrShortWrite) {
		err = nil
	}

	return n, err
}

func (f *failingFile) Seek(offset int64, whence int) (int64, error) {
	if whence <= io.SeekEnd {
		if err := f.disk.fails("seek", f.Name()); err != nil {
			return 0, err
		}
	}

	return f.handle.Seek(offset, whence)
}

func (f *failingFile) Close() error {
	f.disk.holds(f.Name(), -1)

	return errors.Join(f.handle.Close(), f.disk.fails("close", f.Name()))
}

// seconds are how long the recordings of these tests are.
const seconds = 3

// given are the tracks of a container with their frames, which are coded once.
func given(t *testing.T, kind container) (all [][]*media.EncodedFrame, codecs []media.Codec) {
	t.Helper()
	if len(kind.video) > 0 {
		c := codecNamed(t, kind.video[0])
		if c.MimeType == codec.MimeVP8 {
			c = codecNamed(t, codec.MimeVP9)
		}
		all, codecs = append(all, pictures(t, c, 25*seconds, false)), append(codecs, c)
	}
	c := codecNamed(t, kind.audio[0])

	return append(all, tones(t, c, 50*seconds)), append(codecs, c)
}

// outcome is what came of a recording to a disk that fails.
type outcome struct {
	path string
	disk *failingDisk
	err  error
	// after is how long it was recorded before the disk failed; negative where it did not.
	after time.Duration
	open  int
	// recorder is nil where it was refused, playlist where it is none.
	recorder *Recorder
	playlist *Playlist
}

// recordOn records in real time, of a clock of its own.
func recordOn(t *testing.T, name string, disk *failingDisk, all [][]*media.EncodedFrame, codecs []media.Codec) (o outcome) {
	t.Helper()
	kind, err := containerOf(name)
	if err != nil {
		t.Fatal(err)
	}
	ending := map[string]string{"matroska": "mkv", "hls": "m3u8"}[name]
	if ending == "" {
		ending = name
	}
	disk.open = make(map[string]int)
	o = outcome{path: filepath.Join(t.TempDir(), "failing."+ending), disk: disk, after: -1}
	synctest.Test(t, func(*testing.T) {
		var tracks []media.Track
		var fakes []*fakeTrack
		given := make(map[*fakeTrack][]*media.EncodedFrame)
		for i, c := range codecs {
			track := &fakeTrack{kind: media.Video, codec: c}
			if i == len(codecs)-1 {
				track.kind = media.Audio
			}
			tracks, fakes, given[track] = append(tracks, track), append(fakes, track), all[i]
		}
		began := time.Now()
		var scope sync.WaitGroup
		r, err := start(Options{
			Container: name, Tracks: tracks,
			Open: func(bool) (output Output, err error) {
				if !kind.segmented {
					return createOn(disk, o.path)
				}
				if o.playlist, err = createPlaylistOn(disk, o.path, time.Second); err != nil {
					return nil, err
				}

				return o.playlist, nil
			},
			Done: func(err error, _ Stats) { o.err = err },
			Go: func(_ string, f func(context.Context), finally func()) {
				scope.Go(func() {
					defer finally()
					defer func() { _ = recover() }()
					f(context.Background())
				})
			},
		}, time.Now)
		if o.recorder = r; err != nil {
			o.err = err
		} else {
			for passed := time.Duration(0); passed <= seconds*time.Second; passed += 20 * time.Millisecond {
				time.Sleep(time.Until(began.Add(passed)))
				for _, track := range fakes {
					frames := given[track]
					for len(frames) > 0 && frames[0].PTS <= passed {
						track.sink.WriteFrame(frames[0])
						frames = frames[1:]
					}
					given[track] = frames
				}
			}
			r.Stop()
			r.Wait()
			scope.Wait()
		}
		for _, track := range fakes {
			o.open += track.open
		}
		if !disk.failed.IsZero() {
			o.after = disk.failed.Sub(began)
		}
	})

	return o
}

// check requires what failed to say so, and to leave nothing open.
func (o outcome) check(t *testing.T) {
	t.Helper()
	if o.open != 0 || len(o.disk.open) != 0 {
		t.Errorf("%d feeds and files %v are open", o.open, slices.Collect(maps.Keys(o.disk.open)))
	}
	if !errors.Is(o.err, ErrOutput) && !errors.Is(o.err, ErrNotFound) || !errors.Is(o.err, o.disk.failure) {
		t.Fatalf("error %v", o.err)
	}
	for _, says := range []string{filepath.Dir(o.path), o.disk.failure.Error(), cureOf(o.disk.failure)} {
		if says == "" || !strings.Contains(o.err.Error(), says) {
			t.Errorf("%q does not say %q", o.err, says)
		}
	}
	entries, err := os.ReadDir(filepath.Dir(o.path))
	if err != nil {
		t.Fatal(err)
	}
	left := map[string]bool{filepath.Base(o.path): true}
	if p := o.playlist; p != nil && p.count > 0 {
		// What is whole stays, also where the playlist could not be written.
		left[p.head()] = true
		for i := range p.count {
			left[fmt.Sprintf("%s-%d.m4s", p.base(), i)] = true
		}
		// What says that it has ended may be what failed.
		last := o.disk.stays || o.after >= seconds*time.Second
		if _, err := os.Stat(o.path); err == nil {
			if named := readPlaylist(t, o.path); !last && (!named.ended || len(named.segments) != p.count) {
				t.Errorf("the playlist names %d of %d segments, ended: %t", len(named.segments), p.count, named.ended)
			}
		} else if !o.disk.stays {
			t.Error(err)
		}
	}
	for _, entry := range entries {
		if !left[entry.Name()] {
			t.Errorf("%s is left", entry.Name())
		}
	}
}

// plays requires what is there to play, without a complaint, up to shortly before the disk failed.
func (o outcome) plays(t *testing.T) {
	t.Helper()
	// Half a second may be lost, and the head waits for as long; of a playlist, a segment, which a keyframe ends.
	least := o.after - 2*flushInterval
	if strings.HasSuffix(o.path, ".m3u8") {
		least = o.after - 2100*time.Millisecond
	}
	info, err := os.Stat(o.path)
	if err != nil || info.Size() == 0 {
		if least > 0 {
			t.Errorf("nothing is there of %v", o.after)
		}

		return
	}
	counts := decode(t, o.path)
	if len(counts) == 0 {
		t.Fatalf("nothing plays of %v", o.after)
	}
	if got := time.Duration(counts[len(counts)-1]) * 20 * time.Millisecond; got < least && !strings.HasSuffix(o.path, ".wav") {
		t.Errorf("%v of sound are there of %v", got, o.after)
	}
}

// As SQLite is tested: the first operation on the disk fails, then the second, and so on, until one recording has none
// that fails; each time alone, and with all that follow.
func TestEveryFailureOfADiskIsToldAndWhatIsTherePlays(t *testing.T) {
	for _, name := range []string{"webm", "matroska", "mp4", "hls", "ogg", "wav"} {
		kind, err := containerOf(name)
		if err != nil {
			t.Fatal(err)
		}
		all, codecs := given(t, kind)
		for operation, failures := range map[string][]error{
			"write":  {syscall.ENOSPC, syscall.EIO, syscall.EDQUOT, syscall.EFBIG, syscall.EPIPE, io.ErrShortWrite},
			"seek":   {syscall.EIO},
			"close":  {syscall.EIO, syscall.EDQUOT},
			"open":   {syscall.ENOSPC, syscall.EROFS, syscall.EIO},
			"rename": {syscall.ENOSPC, syscall.EIO},
		} {
			for i, failure := range failures {
				for _, stays := range []bool{false, true} {
					t.Run(fmt.Sprintf("%s %s %v %t", name, operation, failure, stays), func(t *testing.T) {
						failed := 0
						// Of very many writes, which are alike, some are enough.
						for n := 1; !t.Failed(); n += 1 + n/20*10 {
							o := recordOn(t, name, &failingDisk{operation: operation, n: n, stays: stays, failure: failure}, all, codecs)
							if o.after < 0 {
								if o.err != nil || o.open != 0 || len(o.disk.open) != 0 {
									t.Errorf("without a failure: %v, %d, %v", o.err, o.open, o.disk.open)
								}

								break
							}
							failed++
							o.check(t)
							if i == 0 && !stays {
								o.plays(t)
							}
							if t.Failed() {
								t.Logf("it was the %d. %s, after %v: %v", n, operation, o.after, o.err)
							}
						}
						t.Logf("%d times", failed)
					})
				}
			}
		}
	}
}

func TestARecordingThatPanicsLeavesNothingOpen(t *testing.T) {
	for _, name := range []string{"webm", "hls", "wav"} {
		kind, err := containerOf(name)
		if err != nil {
			t.Fatal(err)
		}
		all, codecs := given(t, kind)
		for n := 1; ; n += 1 + n/20*10 {
			o := recordOn(t, name, &failingDisk{operation: "write", n: n}, all, codecs)
			if o.after < 0 {
				break
			}
			if !errors.Is(o.err, ErrAborted) {
				t.Errorf("%s: at the %d. write: %v", name, n, o.err)
			}
			if w := o.recorder.writer; w.muxer != nil || w.sound != nil || o.open > 0 || len(o.disk.open) != 0 {
				t.Errorf("%s: the %d. write leaves open: muxer %t, decoder %t, %d feeds, files %v",
					name, n, w.muxer != nil, w.sound != nil, o.open, o.disk.open)
			}
		}
	}
}
