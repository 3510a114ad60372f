package remote

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"encoding/hex"
	"io"
	"net/url"
	"testing"
	"testing/iotest"
)

// piecemeal is a resource that comes in pieces.
type piecemeal struct {
	io.Reader
	io.Seeker
	io.Closer
}

func (piecemeal) Size() int64      { return -1 }
func (piecemeal) Seekable() bool   { return false }
func (piecemeal) Location() string { return "" }

// A segment of HLS that is encrypted is read in pieces as it was; what is none is an error, and never longer.
func FuzzDecrypted(f *testing.F) {
	f.Add([]byte("0123456789abcdef"), []byte("a segment of more than a block"), true)
	f.Add([]byte("short"), []byte{}, true)
	f.Add([]byte("0123456789abcdef"), make([]byte, 17), false)
	f.Fuzz(func(t *testing.T, key, segment []byte, whole bool) {
		coded := segment
		if whole && len(key) == aes.BlockSize {
			block, err := aes.NewCipher(key)
			if err != nil {
				t.Fatal(err)
			}
			padding := aes.BlockSize - len(segment)%aes.BlockSize
			coded = append(bytes.Clone(segment), bytes.Repeat([]byte{byte(padding)}, padding)...)
			cipher.NewCBCEncrypter(block, key).CryptBlocks(coded, coded)
		}
		text := hex.EncodeToString(key)
		d, err := newDecrypted(piecemeal{Reader: iotest.HalfReader(bytes.NewReader(coded))}, text, text)
		if err != nil {
			if len(key) == aes.BlockSize {
				t.Fatal(err)
			}

			return
		}
		got, err := io.ReadAll(d)
		if whole && (err != nil || !bytes.Equal(got, segment)) {
			t.Errorf("%d bytes became %d: %v", len(segment), len(got), err)
		}
		if len(got) > len(coded) {
			t.Errorf("%d bytes of %d", len(got), len(coded))
		}
	})
}

// A server of RTSP sends nowhere but to another one, from TLS to TLS alone, and no other host gets the login.
func FuzzRedirected(f *testing.F) {
	f.Add("rtsps://ann:secret@host/a", "rtsp://host/b")
	f.Add("rtsp://ann:secret@host:8554/a", "//other/b?c")
	f.Add("rtsp://host/a", "file:///etc/passwd")
	f.Fuzz(func(t *testing.T, address, location string) {
		from, err := url.Parse(address)
		if err != nil || from.Host == "" {
			return
		}
		to, err := redirected(from, location)
		if err != nil {
			return
		}
		if to.Scheme != "rtsp" && to.Scheme != "rtsps" || from.Scheme == "rtsps" && to.Scheme != "rtsps" {
			t.Errorf("from %s to %s", from, to)
		}
		if to.User != nil && (to.Host != from.Host || to.User != from.User) {
			t.Errorf("%s gets the login of %s", to, from)
		}
	})
}

// A content type stands for a format of these, or for none.
func FuzzContentType(f *testing.F) {
	for _, seed := range []string{"audio/mpeg", "AUDIO/OGG; codecs=opus", "multipart/x-mixed-replace;boundary=--a", ";", "video/mp2t;a"} {
		f.Add(seed)
	}
	known := map[string]bool{"": true, "mp3": true, "aac": true, "ogg": true, "flac": true, "matroska": true, "mpegts": true, "flv": true, "mpjpeg": true}
	f.Fuzz(func(t *testing.T, contentType string) {
		if format, own := formatOf(contentType); !known[format] || format == "" && own != nil {
			t.Errorf("%q is %q, %v", contentType, format, own)
		}
	})
}
