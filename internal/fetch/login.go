package fetch

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/icholy/digest"
)

// mostRefusal bounds what is read of an answer that asks for a password.
const mostRefusal = 64 << 10

// login is what a URL brings along, for its own server alone.
type login struct {
	scheme, host, name, password string
}

// loginKey is of the login in the context of a request.
type loginKey struct{}

// withLogin takes user and password out of a URL, so that they are sent when a server asks.
func withLogin(ctx context.Context, u *url.URL) (context.Context, *url.URL) {
	if u.User == nil {
		return ctx, u
	}
	password, _ := u.User.Password()
	bare := *u
	bare.User = nil
	return context.WithValue(ctx, loginKey{}, login{u.Scheme, u.Host, u.User.Username(), password}), &bare
}

// loginTransport answers servers that ask who it is: by Basic (RFC 7617) or Digest (RFC 7616),
// as they want. What a server wanted once it is given at once.
type loginTransport struct {
	next http.RoundTripper

	mu     sync.Mutex
	wanted map[login]*challenge
}

// challenge is what a server asked for.
type challenge struct {
	// digest is nil for Basic.
	digest *digest.Challenge
	count  int
}

// RoundTrip implements http.RoundTripper.
func (t *loginTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	l, ok := request.Context().Value(loginKey{}).(login)
	if !ok || request.URL.Scheme != l.scheme || request.URL.Host != l.host || request.Header.Get("Authorization") != "" {
		return t.next.RoundTrip(request)
	}
	before := t.known(l)
	response, err := t.ask(request, l, before)
	if err != nil || response.StatusCode != http.StatusUnauthorized {
		return response, err
	}
	wanted := challengeOf(response.Header)
	if wanted == nil || before != nil && before.digest == nil && wanted.digest == nil {
		return response, nil
	}
	_, _ = io.CopyN(io.Discard, response.Body, mostRefusal)
	_ = response.Body.Close()
	t.mu.Lock()
	t.wanted[l] = wanted
	t.mu.Unlock()
	return t.ask(request, l, wanted)
}

func (t *loginTransport) known(l login) *challenge {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.wanted[l]
}

// ask sends a request, with an answer to c unless that is nil.
func (t *loginTransport) ask(request *http.Request, l login, c *challenge) (*http.Response, error) {
	if c == nil {
		return t.next.RoundTrip(request)
	}
	request = request.Clone(request.Context())
	if c.digest == nil {
		request.SetBasicAuth(l.name, l.password)
		return t.next.RoundTrip(request)
	}
	t.mu.Lock()
	c.count++
	count := c.count
	t.mu.Unlock()
	answer, err := digest.Digest(c.digest, digest.Options{
		Method: request.Method, URI: request.URL.RequestURI(), Count: count, Username: l.name, Password: l.password,
	})
	if err != nil {
		return nil, &Error{Kind: ErrForbidden, Message: "the server asks for a password in a way that is not known here"}
	}
	request.Header.Set("Authorization", answer.String())
	return t.next.RoundTrip(request)
}

// challengeOf is nil where a server asks in no way that is known. Basic is what is left where it
// asks in several, or in none.
func challengeOf(header http.Header) *challenge {
	if wanted, err := digest.FindChallenge(header); err == nil {
		return &challenge{digest: wanted}
	}
	ways := header.Values("WWW-Authenticate")
	if len(ways) > 0 && !slices.ContainsFunc(ways, isBasic) {
		return nil
	}
	return &challenge{}
}

func isBasic(way string) bool {
	scheme, _, _ := strings.Cut(way, " ")
	return strings.EqualFold(scheme, "Basic")
}
