// Package fetch reads over http and https the way that media are read: in
// parts, from anywhere, with what broke taken up again. It knows no media.
package fetch

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

const (
	mostRedirects   = 10
	mostHeaderBytes = 256 << 10
)

// Config is how a Client asks.
type Config struct {
	UserAgent string
	// Header is sent with every request, but what proves who asks only to Home's host.
	Header http.Header
	// Cookies are in the form of Set-Cookie, one a line. Those without a domain
	// belong to Home's host.
	Cookies string
	// Home is where it all begins.
	Home *url.URL
	// TLS is how servers are checked; nil checks with the system's certificates.
	TLS *tls.Config
	// Proxy is nil for that of the environment (HTTPS_PROXY, NO_PROXY and so on).
	Proxy *url.URL
	// Allow says which addresses may be connected to; nil is all. There are no proxies then,
	// which would go where they want.
	Allow func(netip.Addr) bool
	// Stall is how long a server may be silent.
	Stall time.Duration
}

// Client opens resources. It is safe for concurrent use.
type Client struct {
	config    Config
	http      *http.Client
	transport *http.Transport
}

// New makes a client; Close releases it.
func New(config Config) (*Client, error) {
	transport := &http.Transport{
		DialContext:            dialICY(Dialer(config.Allow).DialContext),
		TLSClientConfig:        config.TLS.Clone(),
		MaxResponseHeaderBytes: mostHeaderBytes,
		MaxIdleConnsPerHost:    4,
		IdleConnTimeout:        time.Minute,
	}
	switch {
	case config.Allow != nil:
	case config.Proxy != nil:
		transport.Proxy = http.ProxyURL(config.Proxy)
	default:
		transport.Proxy = http.ProxyFromEnvironment
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, fmt.Errorf("make a cookie jar: %w", err)
	}
	c := &Client{config: config, transport: transport}
	asked := &loginTransport{next: transport, wanted: make(map[login]*challenge)}
	c.http = &http.Client{Transport: asked, Jar: jar, CheckRedirect: checkRedirect}
	return c, c.takeCookies(jar)
}

// takeCookies puts the given cookies into the jar.
func (c *Client) takeCookies(jar http.CookieJar) error {
	for line := range strings.Lines(c.config.Cookies) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		cookie, err := http.ParseSetCookie(line)
		if err != nil {
			return fmt.Errorf("a line is no cookie in the form of Set-Cookie: %w", err)
		}
		owner := c.config.Home
		if domain := strings.TrimPrefix(cookie.Domain, "."); domain != "" {
			owner = &url.URL{Scheme: "https", Host: domain, Path: "/"}
		}
		if owner != nil {
			jar.SetCookies(owner, []*http.Cookie{cookie})
		}
	}
	return nil
}

// Close drops the connections that wait for use. What is open stays open.
func (c *Client) Close() { c.transport.CloseIdleConnections() }

// Open asks for a URL from offset on, up to end (0: all). The resource ends with ctx.
func (c *Client) Open(ctx context.Context, rawURL string, offset, end int64) (*Resource, error) {
	parsed, err := url.Parse(rawURL)
	if err != nil || parsed.Host == "" {
		return nil, &Error{Kind: ErrScheme, Message: "it is no valid URL"}
	}
	if err := checkScheme(parsed.Scheme); err != nil {
		return nil, err
	}
	r := &Resource{client: c, ctx: ctx, url: parsed, position: max(offset, 0), end: end, size: -1}
	if err := r.request(); err != nil {
		return nil, err
	}
	return r, nil
}

func checkScheme(scheme string) error {
	if scheme == "http" || scheme == "https" {
		return nil
	}
	return &Error{Kind: ErrScheme, Message: fmt.Sprintf("it points at %q, where only http and https may be fetched", scheme+":")}
}

func checkRedirect(next *http.Request, before []*http.Request) error {
	if len(before) > mostRedirects {
		return &Error{Kind: ErrRedirects, Message: fmt.Sprintf("it redirects more than %d times", mostRedirects)}
	}
	return checkScheme(next.URL.Scheme)
}

// newRequest asks for everything from position on. A range is asked for from the
// start too, which tells whether the server knows ranges.
func (c *Client) newRequest(ctx context.Context, u *url.URL, position, end int64) (*http.Request, error) {
	ctx, bare := withLogin(ctx, u)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, bare.String(), nil)
	if err != nil {
		return nil, &Error{Kind: ErrScheme, Message: "it is no valid URL"}
	}
	for name, values := range c.config.Header {
		request.Header[name] = values
	}
	if c.config.Home == nil || !strings.EqualFold(u.Host, c.config.Home.Host) {
		// A playlist may point anywhere.
		request.Header.Del("Authorization")
		request.Header.Del("Cookie")
	}
	if host := c.config.Header.Get("Host"); host != "" {
		request.Host = host
		request.Header.Del("Host")
	}
	if c.config.UserAgent != "" {
		request.Header.Set("User-Agent", c.config.UserAgent)
	}
	// Content that is packed again can't be read in parts, and may unpack without a bound.
	request.Header.Set("Accept-Encoding", "identity")
	wanted := fmt.Sprintf("bytes=%d-", position)
	if end > 0 {
		wanted += fmt.Sprint(end - 1)
	}
	request.Header.Set("Range", wanted)
	return request, nil
}
