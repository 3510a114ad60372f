package source

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/url"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/fetch"
)

// tunnelWait is how long FFmpeg may take to come to a tunnel that was made for it.
const tunnelWait = 10 * time.Second

// dialTLS connects to the URL's host and checks it.
func (u *urlSource) dialTLS(ctx context.Context, port string) (net.Conn, error) {
	config, err := u.options.tls(u)
	if err != nil {
		return nil, err
	}
	if own := u.url.Port(); own != "" {
		port = own
	}
	dialer := tls.Dialer{Config: config}
	conn, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(u.url.Hostname(), port))
	if err != nil {
		return nil, fetch.Explain(ctx, err)
	}
	return conn, nil
}

// tunnel connects to an rtsps server, which FFmpeg's RTSP would not check, and
// gives the URL by which FFmpeg reaches it on this machine. Who comes first gets
// the tunnel, once; it ends with either of its ends.
func (u *urlSource) tunnel(ctx context.Context) (*url.URL, error) {
	remote, err := u.dialTLS(ctx, "322")
	if err != nil {
		return nil, err
	}
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, errors.Join(err, remote.Close())
	}
	// Open until somebody came, or nobody did.
	time.AfterFunc(tunnelWait, func() { _ = listener.Close() })
	u.start("accept for "+u.name, func(ctx context.Context) {
		defer context.AfterFunc(ctx, func() { _ = listener.Close() })()
		defer func() { _ = remote.Close() }()
		local, err := listener.Accept()
		_ = listener.Close()
		if err != nil {
			return
		}
		end := func() {
			_ = local.Close()
			_ = remote.Close()
		}
		defer context.AfterFunc(ctx, end)()
		u.start("read of "+u.name, func(context.Context) {
			defer end()
			_, _ = io.Copy(local, remote)
		})
		_, _ = io.Copy(remote, local)
		end()
	})
	address := *u.url
	address.Scheme, address.Host = "rtsp", listener.Addr().String()
	return &address, nil
}
