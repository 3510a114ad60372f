package fetch

import (
	"compress/gzip"
	"io"
	"net/http"
	"strings"
)

// unpack makes of an answer that comes packed although it was asked for as it is what was
// packed: of unknown length, from the beginning only.
func unpack(response *http.Response) error {
	coding := strings.ToLower(strings.TrimSpace(response.Header.Get("Content-Encoding")))
	switch coding {
	case "", "identity":
		return nil
	case "gzip", "x-gzip":
	default:
		return &Error{Kind: ErrStatus, Message: "the server sends it packed as " + coding + ", which was not asked for"}
	}
	if response.StatusCode == http.StatusPartialContent {
		if start, _, _, ok := contentRange(response); !ok || start != 0 {
			return &Error{Kind: ErrStatus, Message: "the server sends a part of what it has packed, which was not asked for"}
		}
		response.StatusCode = http.StatusOK
	}
	response.ContentLength = -1
	for _, name := range []string{"Accept-Ranges", "Content-Range", "Etag", "Last-Modified"} {
		response.Header.Del(name)
	}
	response.Body = &unpacked{packed: response.Body}
	return nil
}

// unpacked reads what is packed in a body.
type unpacked struct {
	packed io.ReadCloser
	plain  *gzip.Reader
}

func (u *unpacked) Read(p []byte) (int, error) {
	if u.plain == nil {
		plain, err := gzip.NewReader(u.packed)
		if err != nil {
			return 0, err
		}
		u.plain = plain
	}
	return u.plain.Read(p)
}

func (u *unpacked) Close() error { return u.packed.Close() }
