package address

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/refusal"
)

// mostURL bounds what is taken for a URL.
const mostURL = 8 << 10

// Scheme is how URLs of a scheme are opened.
type Scheme struct {
	// Protocols of FFmpeg's own that are used; "" is fetched by Go.
	Protocols string
	// Format is the demuxer that opens the URL by itself, or the only one that fits.
	Format string
	// Relayed URLs are reached through a relay here, which sees where the server sends to.
	Relayed bool
	Live    bool
	// listens allows a URL without a host: who sends comes to us.
	listens bool
}

// Schemes are those that a source may have, in small letters.
func Schemes() map[string]Scheme {
	return map[string]Scheme{
		"http":  {},
		"https": {},
		"rtsp":  {Protocols: "tcp,udp,rtp", Format: "rtsp", Relayed: true, Live: true},
		"rtsps": {Protocols: "tcp,udp,rtp", Format: "rtsp", Relayed: true, Live: true},
		"rtmp":  {Protocols: "rtmp,tcp", Format: "flv", Live: true},
		"rtmps": {Protocols: "rtmps,tls,tcp", Format: "flv", Live: true},
		"srt":   {Protocols: "srt", Live: true, listens: true},
		"udp":   {Protocols: "udp", Live: true, listens: true},
		"rtp":   {Protocols: "rtp,udp", Format: "rtp", Live: true, listens: true},
	}
}

// Check gives the parsed URL of a source, its scheme in small letters.
func Check(value string) (*url.URL, error) {
	refuse := func(why string) (*url.URL, error) {
		return nil, &refusal.Error{Kind: refusal.ErrInvalid, Message: fmt.Sprintf("%s is not the URL of a source: it %s", NameURL(value), why)}
	}
	switch {
	case value == "":
		return refuse("is empty")
	case len(value) > mostURL:
		return refuse(fmt.Sprintf("is longer than %d bytes", mostURL))
	case strings.ContainsFunc(value, func(r rune) bool { return r <= ' ' || r == 0x7f }):
		return refuse("has a space or a control character; percent-encode it")
	}
	parsed, err := url.Parse(value)
	if err != nil || parsed.Path == "" && strings.Contains(parsed.Fragment, "@") {
		return refuse("can't be parsed; percent-encode special characters, in a password too")
	}
	if len(parsed.String()) > mostURL {
		return refuse(fmt.Sprintf("is longer than %d bytes, percent-encoded", mostURL))
	}
	scheme, known := Schemes()[parsed.Scheme]
	if !known {
		return nil, unknownScheme(value, parsed.Scheme)
	}
	if parsed.Opaque != "" || parsed.Host == "" || parsed.Hostname() == "" && !scheme.listens {
		return refuse("names no host; write " + parsed.Scheme + "://host/…")
	}
	if scheme.listens && parsed.Port() == "" {
		return refuse("names no port; write " + parsed.Scheme + "://host:port")
	}
	return parsed, nil
}

func unknownScheme(value, scheme string) error {
	schemes := slices.Sorted(maps.Keys(Schemes()))
	return &refusal.Error{Kind: refusal.ErrInvalid, Message: fmt.Sprintf(
		"%s has the scheme %q: expected one of %s; use a source of type \"file\" for local files",
		NameURL(value), refusal.Shorten(scheme), strings.Join(schemes, ", "))}
}

// IsURL reports whether value is a URL of one of the schemes.
func IsURL(value string) bool {
	scheme, rest, found := strings.Cut(value, ":")
	_, known := Schemes()[strings.ToLower(scheme)]
	return found && known && strings.HasPrefix(rest, "//")
}

// NameURL is how messages and logs call a URL: what may be secret is left out.
func NameURL(value string) string {
	parsed, err := url.Parse(value)
	// A password of digits that is not percent-encoded looks like a port: ann:12#3@host.
	if err != nil || parsed.Host == "" || parsed.User == nil && parsed.Port() != "" && strings.Contains(value, "@") {
		// Whatever it is, it may hold a password.
		scheme, _, ok := strings.Cut(value, ":")
		if ok && IsScheme(scheme) {
			return fmt.Sprintf("URL \"%s:…\"", refusal.Shorten(scheme))
		}
		return "the given value"
	}
	shown := url.URL{Scheme: parsed.Scheme, Host: parsed.Host, Path: parsed.Path}
	name := shown.String()
	if parsed.RawQuery != "" {
		name += "?…"
	}
	return fmt.Sprintf("URL %q", refusal.Shorten(name))
}

// IsScheme is RFC 3986's rule for the part of a URL before the colon.
func IsScheme(s string) bool {
	for i, r := range s {
		letter := r < unicode.MaxASCII && unicode.IsLetter(r)
		if !letter && (i == 0 || !strings.ContainsRune("0123456789+-.", r)) {
			return false
		}
	}
	return s != ""
}
