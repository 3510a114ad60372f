package fetch

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/icholy/digest"
)

// guarded asks for ann's password in the ways given, and counts what was answered.
func guarded(algorithm string, stale bool) (http.HandlerFunc, *atomic.Int32, *atomic.Int32) {
	var asked, given atomic.Int32
	nonce := "first"
	return func(w http.ResponseWriter, r *http.Request) {
		refuse := func() {
			asked.Add(1)
			if algorithm == "Basic" {
				w.Header().Set("WWW-Authenticate", `Basic realm="a"`)
			} else if algorithm == "several" {
				w.Header().Add("WWW-Authenticate", `Negotiate`)
				w.Header().Add("WWW-Authenticate", `NTLM`)
				w.Header().Add("WWW-Authenticate", `basic realm="a"`)
			} else if algorithm != "" {
				w.Header().Add("WWW-Authenticate", `Negotiate`)
				w.Header().Add("WWW-Authenticate", fmt.Sprintf(`Digest realm="a b", nonce="%s", algorithm=%s, qop="auth", opaque="x"`, nonce, algorithm))
				w.Header().Add("WWW-Authenticate", `Basic realm="a"`)
			}
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = w.Write([]byte("who are you?"))
		}
		header := r.Header.Get("Authorization")
		name, password, basic := r.BasicAuth()
		switch {
		case basic && (algorithm == "Basic" || algorithm == "several" || algorithm == ""):
			if name != "ann" || password != "p@ss:word" {
				refuse()
				return
			}
		case digest.IsDigest(header) && algorithm != "Basic":
			got, err := digest.ParseCredentials(header)
			if err != nil {
				refuse()
				return
			}
			want, err := digest.Digest(
				&digest.Challenge{Realm: "a b", Nonce: nonce, Algorithm: algorithm, QOP: []string{"auth"}, Opaque: "x"},
				digest.Options{Method: r.Method, URI: r.URL.RequestURI(), Username: "ann", Password: "p@ss:word", Count: got.Nc, Cnonce: got.Cnonce})
			if err != nil || want.Response != got.Response || got.URI != r.URL.RequestURI() {
				refuse()
				return
			}
		default:
			refuse()
			return
		}
		given.Add(1)
		if stale {
			nonce += "+"
		}
		_, _ = w.Write([]byte("content"))
	}, &asked, &given
}

func TestAPasswordIsGivenInTheWayThatAServerAsksFor(t *testing.T) {
	for name, test := range map[string]struct {
		algorithm string
		stale     bool
		asked     int32
	}{
		"Basic": {"Basic", false, 1}, "MD5": {"MD5", false, 1}, "SHA-256": {"SHA-256", false, 1},
		"each nonce once": {"SHA-256", true, 4}, "without a word": {"", false, 1},
		"Basic among what is not known": {"several", false, 1},
	} {
		t.Run(name, func(t *testing.T) {
			handler, asked, given := guarded(test.algorithm, test.stale)
			address := strings.Replace(serve(t, handler), "://", "://ann:p%40ss%3Aword@", 1)
			c := client(t, Config{})
			for i := range 4 {
				r := open(t, c, fmt.Sprintf("%s/a/%d?b=c&d", address, i), 0, 0)
				b := make([]byte, 20)
				if n, _ := r.Read(b); string(b[:n]) != "content" {
					t.Errorf("%q", b[:n])
				}
				// What is relative to it is asked for as it was.
				location, err := url.Parse(r.Location())
				if password, _ := location.User.Password(); err != nil || password != "p@ss:word" {
					t.Errorf("%v, %v", location, err)
				}
			}
			if given.Load() != 4 || asked.Load() != test.asked {
				t.Errorf("%d answers, asked %d times", given.Load(), asked.Load())
			}
			wrong := strings.Replace(address, "p%40ss", "s3cret", 1)
			before := asked.Load()
			_, err := client(t, Config{}).Open(t.Context(), wrong, 0, 0)
			if !errors.Is(err, ErrForbidden) || strings.Contains(err.Error(), "s3cret") {
				t.Error(err)
			}
			if n := asked.Load() - before; n != 2 {
				t.Errorf("tried %d times", n)
			}
		})
	}
}

func TestAPasswordGoesToItsOwnServerOnly(t *testing.T) {
	seen := make(chan string, 10)
	other := serve(t, func(w http.ResponseWriter, r *http.Request) {
		seen <- r.Header.Get("Authorization")
		w.Header().Set("WWW-Authenticate", `Basic realm="a"`)
		w.WriteHeader(http.StatusUnauthorized)
	})
	first := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, other, http.StatusFound) })
	_, err := client(t, Config{}).Open(t.Context(), strings.Replace(first, "://", "://ann:s3cret@", 1), 0, 0)
	if !errors.Is(err, ErrForbidden) {
		t.Error(err)
	}
	close(seen)
	for header := range seen {
		if header != "" {
			t.Errorf("the other server got %q", header)
		}
	}
}
