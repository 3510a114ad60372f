package remote

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/fetch"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/address"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/refusal"
)

// refusedURL is a URL that what was fetched points at, and may not.
type refusedURL struct{ scheme string }

func (e *refusedURL) Error() string {
	return fmt.Sprintf("it points at %q, and a URL may point at http: and https: only", e.scheme+":")
}

func (e *refusedURL) Unwrap() error { return av.ErrRefused }

// fetch implements av.Opener: everything that a URL leads to goes through here.
func (u *urlSource) fetch(ctx context.Context, target string, options map[string]string) (av.Resource, error) {
	inner, encrypted := strings.CutPrefix(target, "crypto+")
	if !encrypted {
		inner, encrypted = strings.CutPrefix(target, "crypto:")
	}
	parsed, err := url.Parse(inner)
	if err != nil || parsed.Scheme != "http" && parsed.Scheme != "https" {
		scheme, _, _ := strings.Cut(inner, ":")
		if !address.IsScheme(scheme) {
			scheme = ""
		}
		return nil, &refusedURL{scheme: refusal.Shorten(scheme)}
	}
	resource, err := u.client.Open(ctx, inner, number(options["offset"]), number(options["end_offset"]))
	if errors.Is(err, fetch.ErrNotFound) {
		u.absence.add(ctx, inner)
	}
	if errors.Is(err, fetch.ErrPrivate) {
		return nil, fmt.Errorf("%w: %w", av.ErrRefused, err)
	}
	if err != nil {
		return nil, err
	}
	u.learn(resource)
	if !encrypted {
		return resource, nil
	}
	decrypted, err := newDecrypted(resource, options["key"], options["iv"])
	if err != nil {
		_ = resource.Close()
		return nil, err
	}
	return decrypted, nil
}

// number is 0 for what is none.
func number(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 0
	}
	return max(n, 0)
}
