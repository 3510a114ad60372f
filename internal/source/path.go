package source

import (
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"unicode"
)

// localPath gives the clean absolute path that value names: as it is, or as a
// file: URL (RFC 8089), percent-encoding undone.
func localPath(value string) (string, error) {
	refuse := func(why string) (string, error) {
		return "", &Error{Kind: ErrInvalid, Message: fmt.Sprintf(
			"source value %q is not the file of a source: expected an absolute path or a file: URL, but it %s",
			shorten(value), why)}
	}
	if value == "" {
		return refuse("is empty")
	}
	path := value
	scheme, rest, isURL := strings.Cut(value, ":")
	switch {
	case isURL && strings.EqualFold(scheme, "file"):
		if !strings.HasPrefix(rest, "/") {
			return refuse("has no absolute path after \"file:\"; write file:///folder/file")
		}
		parsed, err := url.Parse(value)
		if err != nil {
			return refuse("is no valid URL; percent-encode special characters, or give a plain path")
		}
		if parsed.Host != "" && !strings.EqualFold(parsed.Host, "localhost") || parsed.User != nil {
			return refuse("names another host")
		}
		if parsed.RawQuery != "" || parsed.ForceQuery || parsed.Fragment != "" || strings.HasSuffix(value, "#") {
			return refuse("has a query or a fragment; percent-encode ? as %3F and # as %23")
		}
		if strings.Contains(strings.ToUpper(parsed.EscapedPath()), "%2F") {
			return refuse("has an encoded slash")
		}
		path = parsed.Path
	case isURL && isScheme(scheme) && strings.HasPrefix(rest, "//"):
		return refuse("is the URL of something else; use a source of type \"url\" for it")
	}
	if strings.ContainsRune(path, 0) {
		return refuse("has a NUL character")
	}
	if !filepath.IsAbs(path) {
		return refuse("is relative; resolve it against a folder first (path.resolve())")
	}
	return filepath.Clean(path), nil
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
