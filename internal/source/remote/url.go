package remote

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/fetch"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/address"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/container"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/refusal"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/routine"
)

// urlSource is a URL that can be opened, and opened again.
type urlSource struct {
	name    string
	url     *url.URL
	scheme  address.Scheme
	format  string
	options urlOptions
	// given are the options as they were given.
	given   map[string]string
	timeout time.Duration
	// allow says which addresses may be connected to; nil is all.
	allow   func(netip.Addr) bool
	client  *fetch.Client
	start   routine.Start
	absence absence
	// asked is set by the first answer of an attempt.
	asked     bool
	broadcast broadcast
	// watch is of the connection that RTSP comes by; nil of all else.
	watch atomic.Pointer[rtspWatch]
}

// Spec names a URL, and how it is opened.
type Spec struct {
	URL string
	// Format is FFmpeg's name of an input format, "" finds out.
	Format  string
	Options map[string]string
	// Timeout is of opening, and of what stalls.
	Timeout time.Duration
}

// Check refuses what no URL of a source is.
func Check(spec Spec) error {
	_, err := newURLSource(spec)
	return err
}

func newURLSource(spec Spec) (*urlSource, error) {
	parsed, err := address.Check(spec.URL)
	if err != nil {
		return nil, err
	}
	u := &urlSource{
		name: address.NameURL(spec.URL), url: parsed, scheme: address.Schemes()[parsed.Scheme],
		format: spec.Format, timeout: spec.Timeout, given: spec.Options,
	}
	if u.options, err = splitURLOptions(u, spec.Options); err != nil {
		return nil, err
	}
	if u.options.public {
		u.allow = fetch.IsPublic
	}
	return u, nil
}

// Open opens what a URL names, and begins to read it. closed is called when it reads no more, or could not be opened.
func Open(ctx context.Context, start routine.Start, log Logger, spec Spec, closed func()) (*container.Container, error) {
	// Whatever keeps it from being read, a panic too, leaves nothing open.
	pumped := false
	defer func() {
		if !pumped {
			closed()
		}
	}()
	u, err := newURLSource(spec)
	if err != nil {
		return nil, err
	}
	u.start = start
	if u.client, err = u.options.client(u); err != nil {
		return nil, err
	}
	defer func() {
		if !pumped {
			u.client.Close()
		}
	}()
	demuxer, err := u.open(ctx)
	if err != nil {
		return nil, u.openError(ctx, err)
	}
	defer func() {
		if !pumped {
			demuxer.Close()
		}
	}()
	c, err := container.New(u.name, demuxer)
	if err != nil {
		return nil, err
	}
	if err := c.ChooseVariant(demuxer, u.given); err != nil {
		return nil, err
	}
	playlist, liveList := demuxer.Playlist()
	if u.scheme.Live || liveList || u.broadcast.live && !playlist {
		c.SetLive()
	}
	settings := pumpSettings{segmented: playlist, log: log, end: u.readError, silence: u.timeout, unread: u.unread, read: u.read, closed: func() {
		u.client.Close()
		closed()
	}}
	reopen := func(ctx context.Context) (*av.Demuxer, error) {
		ctx, cancel := context.WithTimeout(ctx, u.timeout)
		defer cancel()
		again, err := u.open(ctx)
		if err != nil {
			return nil, u.openError(ctx, err)
		}
		return again, nil
	}
	if c.Live() && u.options.reconnect {
		settings.reopen = reopen
	}
	if !c.Live() {
		settings.again = reopen
		if demuxer.Segmented() || demuxer.Sequential() {
			// FFmpeg seeks in playlists, but not in each kind of their segments.
			c.SetSequential()
		}
	}
	pumped = true
	startPump(ctx, c, start, demuxer, settings)
	return c, nil
}

// attempt opens the URL once.
func (u *urlSource) attempt(ctx context.Context) (*av.Demuxer, error) {
	if u.scheme.Relayed {
		return u.openRTSP(ctx)
	}
	address := u.url
	input := u.input()
	if u.scheme.Protocols == "" {
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
			input.Format = u.scheme.Format
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
		Own:   u.ownOptions(), Stall: u.timeout, Protocols: u.scheme.Protocols,
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
	if errors.Is(err, av.ErrInvalidData) && u.scheme.Relayed && time.Since(begin) >= u.replyTimeout() {
		// What FFmpeg makes of an answer that did not come.
		return nil, u.refuse(refusal.ErrTimeout, fmt.Errorf("no answer: %w: %w", av.ErrStalled, err),
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
