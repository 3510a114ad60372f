package source

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"unicode"
)

// localPath gives the clean absolute path that value names: as it is, or as a
// file: URL.
func localPath(value string) (string, error) {
	refuse := func(why string) (string, error) {
		return "", &Error{Kind: ErrInvalid, Message: fmt.Sprintf(
			"source value %q is not the file of a source: expected an absolute path or a file: URL, but it %s",
			shorten(showPath(value)), why)}
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
	case isURL && strings.Contains(rest, "://"), isURL && isScheme(scheme) && strings.HasPrefix(rest, "//"):
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

// isScheme is RFC 3986's rule for the part of a URL before the colon.
func isScheme(s string) bool {
	for i, r := range s {
		letter := r < unicode.MaxASCII && unicode.IsLetter(r)
		if !letter && (i == 0 || !strings.ContainsRune("0123456789+-.", r)) {
			return false
		}
	}
	return s != ""
}

// shorten keeps messages readable.
func shorten(value string) string {
	const most = 300
	if len(value) <= most {
		return value
	}
	return value[:most] + "…"
}
