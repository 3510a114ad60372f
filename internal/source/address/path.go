package address

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/refusal"
)

// LocalPath gives the clean absolute path that value names: as it is, or as a
// file: URL.
func LocalPath(value string) (string, error) {
	refuse := func(why string) (string, error) {
		return "", &refusal.Error{Kind: refusal.ErrInvalid, Message: fmt.Sprintf(
			"source value %q is not the file of a source: expected an absolute path or a file: URL, but it %s",
			refusal.Shorten(showPath(value)), why)}
	}
	if value == "" {
		return refuse("is empty")
	}
	path := value
	scheme, rest, isURL := strings.Cut(value, ":")
	switch {
	case strings.ContainsRune(value, 0):
		return refuse("has a NUL character")
	case isURL && strings.EqualFold(scheme, "file"):
		path = existing(filePaths(rest))
	case isURL && strings.Contains(rest, "://"), isURL && IsScheme(scheme) && strings.HasPrefix(rest, "//"):
		if !strings.HasPrefix(value, "/") {
			return "", unknownScheme(value, scheme)
		}
	}
	if !filepath.IsAbs(path) {
		return refuse("is relative; resolve it against a folder first (path.resolve())")
	}
	return filepath.Clean(path), nil
}

// filePaths are what the part of a file: URL after the colon may mean, the likeliest
// first: what FFmpeg opens, which takes it as it is, and then what RFC 8089 says.
func filePaths(rest string) []string {
	paths := []string{rest}
	path := rest
	if authority, found := strings.CutPrefix(rest, "//"); found {
		host, inner, _ := strings.Cut(authority, "/")
		if host == "" || strings.EqualFold(host, "localhost") {
			path = "/" + inner
			// RFC 8089, E.2: of Windows, where a volume has a name.
			if filepath.VolumeName(inner) != "" {
				path = inner
			}
			paths = append(paths, path)
		}
	}
	decoded, err := url.PathUnescape(path)
	if err == nil && !strings.ContainsRune(decoded, 0) && !strings.Contains(strings.ToUpper(path), "%2F") {
		paths = append(paths, decoded)
	}
	return paths
}

// existing is the first path that is there, or the last.
func existing(paths []string) string {
	for _, path := range paths {
		if _, err := os.Lstat(path); err == nil {
			return path
		}
	}
	return paths[len(paths)-1]
}

// NameFile is how messages call a file.
func NameFile(path string) string { return fmt.Sprintf("file %q", showPath(path)) }

// showPath leaves out of a path what may be the password in a URL.
func showPath(path string) string {
	if before, found := urlInPath(path); found {
		return before + "…"
	}
	return path
}

// HoldsURL reports whether path was made of a URL that was taken for a relative path.
func HoldsURL(path string) bool {
	_, found := urlInPath(path)
	return found
}

// urlInPath gives path up to the scheme of a URL that was made a part of it.
func urlInPath(path string) (before string, found bool) {
	schemes := Schemes()
	for end := range len(path) {
		if path[end] != '/' || end == 0 || path[end-1] != ':' {
			continue
		}
		scheme := path[strings.LastIndexByte(path[:end], '/')+1 : end-1]
		if _, known := schemes[strings.ToLower(scheme)]; known {
			return path[:end+1], true
		}
	}
	return "", false
}
