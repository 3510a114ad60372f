package remote

import (
	"context"
	"crypto/tls"
	"errors"
	"maps"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/fetch"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/recovery"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/refusal"
)

// tunnelWait is how long FFmpeg may take to come to a tunnel that was made for it.
const tunnelWait = 10 * time.Second

// mostRedirects is how often an RTSP server may send elsewhere.
const mostRedirects = 10

// dial connects to the host of address, and checks it where the scheme is one of TLS.
func (u *urlSource) dial(ctx context.Context, address *url.URL) (net.Conn, error) {
	port := map[string]string{"rtsp": "554", "rtsps": "322", "rtmps": "443"}[address.Scheme]
	if own := address.Port(); own != "" {
		port = own
	}
	host := net.JoinHostPort(address.Hostname(), port)
	var conn net.Conn
	var err error
	if address.Scheme == "rtsp" {
		conn, err = fetch.Dialer(u.allow).DialContext(ctx, "tcp", host)
	} else {
		config, wrong := u.options.tls(u)
		if wrong != nil {
			return nil, wrong
		}
		conn, err = (&tls.Dialer{NetDialer: fetch.Dialer(u.allow), Config: config}).DialContext(ctx, "tcp", host)
	}
	if err != nil {
		return nil, fetch.Explain(ctx, err)
	}
	return conn, nil
}

// openRTSP opens a URL of RTSP through a connection that is made and checked here. A
// redirect, which FFmpeg would follow anywhere, is followed here.
func (u *urlSource) openRTSP(ctx context.Context) (*av.Demuxer, error) {
	input := u.input()
	input.Format, input.OpensItself = "rtsp", true
	input.Options = maps.Clone(input.Options)
	for _, name := range []string{"min_port", "max_port"} {
		if _, err := strconv.ParseUint(input.Options[name], 10, 16); err == nil {
			// These are for the server, and FFmpeg's own are none of them.
			delete(input.Options, name)
		}
	}
	address := u.url
	for range mostRedirects {
		relay, err := u.tunnel(ctx, address)
		if err != nil {
			return nil, err
		}
		input.Late = relay.late
		demuxer, err := u.openAt(ctx, relay.local(address), input)
		location := relay.redirected()
		if err == nil || location == "" {
			if err != nil {
				relay.close()
			}
			u.watch.Store(&relay.watch)
			return demuxer, err
		}
		relay.close()
		if address, err = redirected(address, location); err != nil {
			return nil, err
		}
	}
	return nil, &fetch.Error{Kind: fetch.ErrRedirects, Message: "it redirects too often"}
}

// redirected is where an RTSP server sends to: never from a protected connection to one
// that isn't.
func redirected(from *url.URL, location string) (*url.URL, error) {
	to, err := from.Parse(location)
	if err != nil || to.Host == "" {
		return nil, &fetch.Error{Kind: fetch.ErrScheme, Message: "it redirects to what is no URL"}
	}
	if to.Scheme != "rtsps" && (to.Scheme != "rtsp" || from.Scheme == "rtsps") {
		return nil, &fetch.Error{Kind: fetch.ErrScheme, Message: "it redirects from " + from.Scheme + ": to " + refusal.Shorten(to.Scheme) + ":, which it may not"}
	}
	to.User = nil
	if to.Host == from.Host {
		to.User = from.User
	}
	return to, nil
}

// tunnel connects to the server of address, and waits for FFmpeg on this machine. Who
// comes first gets the tunnel, once; it ends with either of its ends.
func (u *urlSource) tunnel(ctx context.Context, address *url.URL) (*rtspRelay, error) {
	remote, err := u.dial(ctx, address)
	if err != nil {
		return nil, err
	}
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, errors.Join(err, remote.Close())
	}
	relay := newRTSPRelay(address, listener, remote)
	relay.watch.analysis = u.analysis()
	relay.watch.lied = func(kind, arrived string) { u.absence.stop(u.misleads(lie{all: true}, kind, arrived)) }
	// Open until somebody came, or nobody did.
	recovery.Timer(ctx, "wait for FFmpeg", tunnelWait, func() { _ = listener.Close() })
	u.start("accept for "+u.name, func(ctx context.Context) {
		defer recovery.AfterFunc(ctx, "stop a relay", relay.close)()
		defer relay.close()
		relay.share = func(client int, seen func(packet []byte)) (*rtspPorts, error) { return u.share(ctx, client, seen) }
		local, err := listener.Accept()
		_ = listener.Close()
		if err != nil || !relay.use(local) {
			return
		}
		u.start("read of "+u.name, func(context.Context) {
			defer relay.close()
			relay.replies()
		})
		relay.requests()
	})
	return relay, nil
}

// share takes two ports for a media that comes by UDP, and hands on what comes to them until they are closed.
func (u *urlSource) share(ctx context.Context, client int, seen func(packet []byte)) (*rtspPorts, error) {
	number := func(name string, otherwise int) int {
		if n, err := strconv.ParseUint(u.options.demuxer[name], 10, 31); err == nil {
			return int(n)
		}
		return otherwise
	}
	ports, err := listenRTP(ctx, number("min_port", firstRTPPort), number("max_port", lastRTPPort), client)
	if err != nil {
		return nil, err
	}
	flags := u.options.demuxer["rtsp_flags"]
	ports.seen, ports.filter = seen, strings.Contains(flags, "filter_src") && !strings.Contains(flags, "-filter_src")
	for i, conn := range ports.conns {
		_ = conn.SetReadBuffer(number("buffer_size", udpBuffer))
		u.start("read of "+u.name, func(context.Context) { ports.run(i) })
	}
	return ports, nil
}
