package recorder

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Playlist is an Output of many files: a playlist of HLS (RFC 8216), the head of its fragmented mp4, and a segment for
// every so many seconds. What the playlist names is whole.
type Playlist struct {
	disk         disk
	folder, name string
	// length is that of a segment, where a keyframe comes in time; most is kept to in any case.
	length, most time.Duration
	// file is the head or the segment that is written.
	file     handle
	count    int
	segments strings.Builder
}

// patienceForKeyframe is how much longer a segment may become while a keyframe is waited for.
const patienceForKeyframe = 2 * time.Second

// CreatePlaylist makes a playlist, in the place of one that is there, of segments of a length. Its segments are beside it.
func CreatePlaylist(path string, length time.Duration) (*Playlist, error) {
	return createPlaylistOn(systemDisk{}, path, length)
}

func createPlaylistOn(on disk, path string, length time.Duration) (*Playlist, error) {
	folder, file := filepath.Split(path)
	p := &Playlist{disk: on, folder: folder, name: file, length: length, most: length + patienceForKeyframe}
	info, err := os.Lstat(path)
	if err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%w: %s is there, and is no file", ErrOutput, path)
	}
	head := filepath.Join(folder, p.head())
	_, old := os.Lstat(head)
	if err := p.open(p.head(), 0); err != nil {
		return nil, refused(err)
	}
	if err := p.replace(path); err != nil {
		_ = p.finish()
		if errors.Is(old, fs.ErrNotExist) {
			_ = on.Remove(head)
		}

		return nil, refused(err)
	}

	return p, nil
}

// replace takes the old playlist away, which would name what is overwritten from here on.
func (p *Playlist) replace(path string) error {
	if err := p.disk.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}

	return p.file.Truncate(0)
}

// base is what the names of its files begin with. What not every reader of playlists takes in one for the same is no
// part of it.
func (p *Playlist) base() string {
	name := strings.TrimSuffix(p.name, filepath.Ext(p.name))

	return strings.ReplaceAll(url.QueryEscape(name), "%", "_")
}

func (p *Playlist) head() string    { return p.base() + "-init.mp4" }
func (p *Playlist) segment() string { return fmt.Sprintf("%s-%d.m4s", p.base(), p.count) }

func (p *Playlist) open(name string, flag int) (err error) {
	p.file, err = p.disk.Open(filepath.Join(p.folder, name), flag)

	return err
}

// Write implements Output.
func (p *Playlist) Write(b []byte) (int, error) {
	if p.file == nil {
		return 0, fmt.Errorf("%w: between two segments", fs.ErrClosed)
	}

	return write(p.file, b)
}

// Flush implements Output.
func (p *Playlist) Flush(bool) error { return nil }

// begin opens the next segment. leaps says that its times do not follow those of the one before.
func (p *Playlist) begin(leaps bool) error {
	if err := p.finish(); err != nil {
		return err
	}
	if leaps {
		p.segments.WriteString("#EXT-X-DISCONTINUITY\n")
	}

	return p.open(p.segment(), os.O_TRUNC)
}

// end names the segment, which is whole.
func (p *Playlist) end(length time.Duration) error {
	if err := p.finish(); err != nil {
		return err
	}
	fmt.Fprintf(&p.segments, "#EXTINF:%.6f,\n%s\n", length.Seconds(), p.segment())
	p.count++

	return p.publish("")
}

// finish closes the file that is written.
func (p *Playlist) finish() error {
	file := p.file
	p.file = nil
	if file == nil {
		return nil
	}
	err := file.Close()
	if err != nil {
		// Nothing names what may not be whole.
		_ = p.disk.Remove(file.Name())
	}

	return err
}

// publish replaces the playlist: who reads it sees the old one or the new.
func (p *Playlist) publish(end string) error {
	head := fmt.Sprintf("#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:%d\n#EXT-X-PLAYLIST-TYPE:EVENT\n#EXT-X-MAP:URI=%q\n",
		int(math.Ceil(p.most.Seconds())), p.head())
	path := filepath.Join(p.folder, p.name)
	part := path + ".part"
	err := p.save(part, head+p.segments.String()+end)
	if err == nil {
		err = p.disk.Rename(part, path)
	}
	if err != nil {
		_ = p.disk.Remove(part)
	}

	return err
}

// save writes a whole file.
func (p *Playlist) save(name, text string) (err error) {
	file, err := p.disk.Open(name, os.O_TRUNC)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	_, err = write(file, []byte(text))

	return err
}

// Close says in the playlist that nothing follows. A file that is not whole is taken away: its room may be what the
// playlist lacks. Of nothing there is no playlist, and no head.
func (p *Playlist) Close() error {
	if p.file != nil {
		name := p.file.Name()
		_ = p.finish()
		_ = p.disk.Remove(name)
	}
	if p.count == 0 {
		if err := p.disk.Remove(filepath.Join(p.folder, p.head())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}

		return nil
	}

	return p.publish("#EXT-X-ENDLIST\n")
}
