package source

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/fetch"
)

// mostURL bounds what is taken for a URL.
const mostURL = 8 << 10

// urlScheme is how URLs of a scheme are opened.
type urlScheme struct {
	// protocols of FFmpeg's own that are used; "" is fetched by Go.
	protocols string
	// format is the demuxer that opens the URL by itself, or the only one that fits.
	format string
	live   bool
	// listens allows a URL without a host: who sends comes to us.
	listens bool
}

func urlSchemes() map[string]urlScheme {
	return map[string]urlScheme{
		"http":  {},
		"https": {},
		"rtsp":  {protocols: "tcp,udp,rtp", format: "rtsp", live: true},
		"rtsps": {protocols: "tcp,udp,rtp", format: "rtsp", live: true},
		"rtmp":  {protocols: "rtmp,tcp", format: "flv", live: true},
		"rtmps": {protocols: "rtmps,tls,tcp", format: "flv", live: true},
		"srt":   {protocols: "srt", live: true, listens: true},
		"udp":   {protocols: "udp", live: true, listens: true},
		"rtp":   {protocols: "rtp,udp", format: "rtp", live: true, listens: true},
	}
}

// checkURL gives the parsed URL of a source, its scheme in small letters.
func checkURL(value string) (*url.URL, error) {
	refuse := func(why string) (*url.URL, error) {
		return nil, &Error{Kind: ErrInvalid, Message: fmt.Sprintf("%s is not the URL of a source: it %s", nameURL(value), why)}
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
	scheme, known := urlSchemes()[parsed.Scheme]
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
	schemes := slices.Sorted(maps.Keys(urlSchemes()))
	return &Error{Kind: ErrInvalid, Message: fmt.Sprintf(
		"%s has the scheme %q: expected one of %s; use a source of type \"file\" for local files",
		nameURL(value), shorten(scheme), strings.Join(schemes, ", "))}
}

// isNetworkURL reports whether value is a URL of one of the schemes.
func isNetworkURL(value string) bool {
	scheme, rest, found := strings.Cut(value, ":")
	_, known := urlSchemes()[strings.ToLower(scheme)]
	return found && known && strings.HasPrefix(rest, "//")
}

// nameURL is how messages and logs call a URL: what may be secret is left out.
func nameURL(value string) string {
	parsed, err := url.Parse(value)
	// A password of digits that is not percent-encoded looks like a port: ann:12#3@host.
	if err != nil || parsed.Host == "" || parsed.User == nil && parsed.Port() != "" && strings.Contains(value, "@") {
		// Whatever it is, it may hold a password.
		scheme, _, ok := strings.Cut(value, ":")
		if ok && isScheme(scheme) {
			return fmt.Sprintf("URL \"%s:…\"", shorten(scheme))
		}
		return "the given value"
	}
	shown := url.URL{Scheme: parsed.Scheme, Host: parsed.Host, Path: parsed.Path}
	name := shown.String()
	if parsed.RawQuery != "" {
		name += "?…"
	}
	return fmt.Sprintf("URL %q", shorten(name))
}

// urlSource is a URL that can be opened, and opened again.
type urlSource struct {
	name    string
	url     *url.URL
	scheme  urlScheme
	format  string
	options urlOptions
	// given are the options as they were given.
	given   map[string]string
	timeout time.Duration
	// allow says which addresses may be connected to; nil is all.
	allow   func(netip.Addr) bool
	client  *fetch.Client
	start   Start
	absence absence
	// asked is set by the first answer of an attempt.
	asked     bool
	broadcast broadcast
}

func newURLSource(spec Spec, value string) (*urlSource, error) {
	parsed, err := checkURL(value)
	if err != nil {
		return nil, err
	}
	u := &urlSource{
		name: nameURL(value), url: parsed, scheme: urlSchemes()[parsed.Scheme],
		format: spec.Format, timeout: spec.patience(), given: spec.Options,
	}
	if u.options, err = splitURLOptions(u, spec.Options); err != nil {
		return nil, err
	}
	if u.options.public {
		u.allow = fetch.IsPublic
	}
	return u, nil
}

// openURL opens what a URL names, and begins to read it.
func openURL(ctx context.Context, start Start, log Logger, spec Spec, value string) (*container, error) {
	u, err := newURLSource(spec, value)
	if err != nil {
		return nil, err
	}
	u.start = start
	if u.client, err = u.options.client(u); err != nil {
		return nil, err
	}
	demuxer, err := u.open(ctx)
	if err != nil {
		u.client.Close()
		return nil, u.openError(ctx, err)
	}
	c, err := newContainer(u.name, demuxer)
	if err != nil {
		u.client.Close()
		return nil, err
	}
	if err := c.chooseVariant(demuxer, u.given); err != nil {
		demuxer.Close()
		u.client.Close()
		return nil, err
	}
	playlist, liveList := demuxer.Playlist()
	c.live = u.scheme.live || liveList || u.broadcast.live && !playlist
	settings := pumpSettings{segmented: playlist, log: log, end: u.readError, closed: u.client.Close}
	reopen := func(ctx context.Context) (*av.Demuxer, error) {
		ctx, cancel := context.WithTimeout(ctx, u.timeout)
		defer cancel()
		again, err := u.open(ctx)
		if err != nil {
			return nil, u.openError(ctx, err)
		}
		return again, nil
	}
	if c.live && u.options.reconnect {
		settings.reopen = reopen
	}
	if !c.live {
		settings.again = reopen
		// FFmpeg seeks in playlists, but not in each kind of their segments.
		c.sequential = demuxer.Segmented() || demuxer.Sequential()
	}
	c.pump(start, settings)
	return c, nil
}

// attempt opens the URL once.
func (u *urlSource) attempt(ctx context.Context) (*av.Demuxer, error) {
	if u.scheme.format == "rtsp" {
		return u.openRTSP(ctx)
	}
	address := u.url
	input := u.input()
	if u.scheme.protocols == "" {
		input.Open, input.Guess = u.fetch, u.guess
		u.asked = false
		if u.allow == nil {
			// An SDP that is fetched names addresses to listen at.
			input.Protocols = "rtp,udp"
		}
	} else {
		var err error
		if address, err = u.resolve(ctx); err != nil {
			return nil, err
		}
		if u.url.Scheme == "rtmps" {
			// FFmpeg checks too, but can't tell what was wrong.
			conn, err := u.dial(ctx, u.url)
			if err != nil {
				return nil, err
			}
			_ = conn.Close()
		}
		if u.format == "" {
			input.Format = u.scheme.format
		}
		input.OpensItself = input.Format == "rtp"
	}
	demuxer, err := u.openAt(ctx, address.String(), input)
	if input.Guess != nil && input.Format == "" && u.misnamed(demuxer, err) {
		u.broadcast.misnamed = true
		return u.openAt(ctx, address.String(), input)
	}
	return demuxer, err
}

// half says why only a half of timeout was waited for.
func (u *urlSource) half() string {
	if u.replyTimeout() == u.timeout {
		return ""
	}
	return ", whose other half is for a second try over TCP (rtsp_transport: 'tcp' waits for all of it)"
}

// input is what all schemes have in common.
func (u *urlSource) input() av.URLInput {
	return av.URLInput{
		Input: av.Input{Format: u.format, Options: u.options.demuxer},
		Own:   u.ownOptions(), Stall: u.timeout, Protocols: u.scheme.protocols,
	}
}

// openAt lets FFmpeg open an address.
func (u *urlSource) openAt(ctx context.Context, address string, input av.URLInput) (*av.Demuxer, error) {
	ctx, giveUp := context.WithCancelCause(ctx)
	defer giveUp(nil)
	u.absence.opening(giveUp)
	defer u.absence.opening(nil)
	begin := time.Now()
	demuxer, err := av.OpenURL(ctx, address, input)
	if errors.Is(err, av.ErrInvalidData) && u.scheme.format == "rtsp" && time.Since(begin) >= u.replyTimeout() {
		// What FFmpeg makes of an answer that did not come.
		return nil, u.refuse(ErrTimeout, fmt.Errorf("no answer: %w: %w", av.ErrStalled, err),
			"did not answer for %v: check the server and the network, or raise timeout%s", u.replyTimeout(), u.half())
	}
	if err != nil {
		return nil, err
	}
	if playlist, live := demuxer.Playlist(); playlist && live {
		// A segment comes when it is complete.
		demuxer.SetStall(3 * u.timeout)
	}
	return demuxer, nil
}

// replyTimeout is how long FFmpeg waits for an answer of RTSP, and for packets. It leaves time
// for TCP where none came over UDP.
func (u *urlSource) replyTimeout() time.Duration {
	if u.url.Scheme == "rtsps" || u.allow != nil || u.given["rtsp_transport"] == "tcp" {
		return u.timeout
	}
	return u.timeout / 2
}

// resolve finds an unknown host before FFmpeg, whose resolver can't be interrupted, and
// gives the URL for FFmpeg: where only some addresses are allowed, one of these instead of
// the name, which could mean another a moment later.
func (u *urlSource) resolve(ctx context.Context) (*url.URL, error) {
	host := u.url.Hostname()
	if u.allow == nil {
		if host == "" || net.ParseIP(host) != nil {
			return u.url, nil
		}
		_, err := net.DefaultResolver.LookupHost(ctx, host)
		var unknown *net.DNSError
		if errors.As(err, &unknown) {
			err = fetch.Explain(ctx, err)
		}
		return u.url, err
	}
	address, err := fetch.Resolve(ctx, host, u.allow)
	if err != nil {
		return nil, err
	}
	pinned := *u.url
	pinned.Host = net.JoinHostPort(address.String(), u.url.Port())
	if u.url.Port() == "" {
		pinned.Host = strings.TrimSuffix(pinned.Host, ":")
	}
	return &pinned, nil
}
