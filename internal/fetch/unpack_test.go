package fetch

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

func TestWhatAServerPacksUnaskedIsUnpacked(t *testing.T) {
	content := numbers(200_000)
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := w.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	whole := func(coding string, cut int) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Accept-Encoding") != "identity" {
				t.Errorf("asked for %q", r.Header.Get("Accept-Encoding"))
			}
			w.Header().Set("Content-Encoding", coding)
			_, _ = w.Write(packed.Bytes()[:packed.Len()-cut])
		}
	}
	part := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		w.Header().Set("Content-Range", fmt.Sprintf("bytes 0-%d/%d", packed.Len()-1, packed.Len()))
		w.WriteHeader(http.StatusPartialContent)
		_, _ = w.Write(packed.Bytes())
	}
	for name, handler := range map[string]http.HandlerFunc{"gzip": whole("gzip", 0), "X-GZip": whole("X-GZip", 0), "a part that is all": part} {
		r := open(t, client(t, Config{}), serve(t, handler), 0, 0)
		if r.Seekable() || r.Size() != -1 {
			t.Errorf("%s: %v, %d bytes", name, r.Seekable(), r.Size())
		}
		if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, content) {
			t.Errorf("%s: %d bytes, %v", name, len(got), err)
		}
	}
	from := open(t, client(t, Config{}), serve(t, whole("gzip", 0)), 1000, 0)
	if got, err := io.ReadAll(from); err != nil || !bytes.Equal(got, content[1000:]) {
		t.Errorf("from 1000: %d bytes, %v", len(got), err)
	}
	cut := open(t, client(t, Config{}), serve(t, whole("gzip", 100)), 0, 0)
	if _, err := io.ReadAll(cut); err == nil {
		t.Error("what was cut off ended as it should")
	}
	_, err := client(t, Config{}).Open(t.Context(), serve(t, whole("br", 0)), 0, 0)
	if !errors.Is(err, ErrStatus) || !strings.Contains(err.Error(), "br") {
		t.Error(err)
	}
	// A playlist that unpacks without an end is bounded as any other.
	bomb := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		_, err := z.Write([]byte("#EXTM3U\n"))
		for line := bytes.Repeat([]byte("#\n"), 50_000); err == nil; {
			_, err = z.Write(line)
		}
	})
	if n, err := io.Copy(io.Discard, open(t, client(t, Config{}), bomb, 0, 0)); !errors.Is(err, ErrTooLarge) {
		t.Errorf("%d bytes, %v", n, err)
	}
}
