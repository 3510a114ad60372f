package fetch

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
)

func TestRedirectsAreFollowedAsOftenAsTheyMayBe(t *testing.T) {
	address := serve(t, func(w http.ResponseWriter, r *http.Request) {
		left, _ := strconv.Atoi(r.URL.Query().Get("left"))
		if left > 0 {
			http.Redirect(w, r, fmt.Sprintf("/?left=%d", left-1), http.StatusFound)

			return
		}
		_, _ = w.Write([]byte("arrived"))
	})
	c := client(t, Config{})
	r, err := c.Open(t.Context(), fmt.Sprintf("%s/?left=%d", address, mostRedirects), 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	if text, err := io.ReadAll(r); string(text) != "arrived" {
		t.Errorf("%q, %v", text, err)
	}
	if _, err := c.Open(t.Context(), fmt.Sprintf("%s/?left=%d", address, mostRedirects+1), 0, 0); !errors.Is(err, ErrRedirects) {
		t.Errorf("one more: %v", err)
	}
}

func TestHeadersOfAnAnswerAreBounded(t *testing.T) {
	address := serve(t, func(w http.ResponseWriter, r *http.Request) {
		size, _ := strconv.Atoi(r.URL.Query().Get("size"))
		w.Header().Set("X-Large", strings.Repeat("x", size))
		_, _ = w.Write([]byte("arrived"))
	})
	c := client(t, Config{})
	// The other headers and Go's own allowance are some thousand bytes.
	r, err := c.Open(t.Context(), fmt.Sprintf("%s/?size=%d", address, mostHeaderBytes-1000), 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	_ = r.Close()
	for _, size := range []int{mostHeaderBytes + 10_000, 50 << 20} {
		if r, err := c.Open(t.Context(), fmt.Sprintf("%s/?size=%d", address, size), 0, 0); err == nil {
			_ = r.Close()
			t.Errorf("a header of %d bytes was read", size)
		}
	}
}
