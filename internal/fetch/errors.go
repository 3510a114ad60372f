package fetch

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"syscall"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/errno"
)

// What fetching fails with; an *Error wraps one of them.
var (
	// ErrNotFound is what the server doesn't have: 404 or 410.
	ErrNotFound = errors.New("not found")
	// ErrForbidden is what the server doesn't give: 401, 403 or 407.
	ErrForbidden = errors.New("not allowed")
	// ErrStatus is any other answer that isn't the content.
	ErrStatus = errors.New("unexpected answer")
	// ErrScheme is a URL that is neither http nor https.
	ErrScheme = errors.New("scheme not allowed")
	// ErrRedirects are too many redirects.
	ErrRedirects = errors.New("too many redirects")
	// ErrPrivate is an address that only a public one may stand for.
	ErrPrivate = errors.New("private address")
	// ErrUnknownHost is a name that has no address.
	ErrUnknownHost = errors.New("unknown host")
	// ErrRefused is an address where nobody listens.
	ErrRefused = errors.New("connection refused")
	// ErrCertificate is a server that could not prove who it is.
	ErrCertificate = errors.New("certificate not accepted")
	// ErrStalled is a server that fell silent.
	ErrStalled = errors.New("stalled")
	// ErrDropped is a connection that broke and could not be taken up again.
	ErrDropped = errors.New("connection dropped")
	// ErrChanged is content that was replaced while it was read.
	ErrChanged = errors.New("changed while it was read")
	// ErrTooLarge is a playlist beyond the bound.
	ErrTooLarge = errors.New("too large")
	// ErrDeclares is a manifest with declarations of its own.
	ErrDeclares = errors.New("declares a document type")
)

// Error says in words what happened. It names no URL: who asked knows it, and
// it may hold a password.
type Error struct {
	// Kind is one of the sentinels above, or the context's cause.
	Kind    error
	Message string
	Cause   error
	// passing says that another attempt may do.
	passing bool
}

func (e *Error) Error() string { return e.Message }

// Unwrap lets errors.Is find the kind and the cause.
func (e *Error) Unwrap() []error {
	if e.Cause == nil {
		return []error{e.Kind}
	}
	return []error{e.Kind, e.Cause}
}

// statusError is nil for an answer with content.
func statusError(response *http.Response) error {
	e := &Error{Kind: ErrStatus, Message: "the server answered " + statusText(response)}
	switch response.StatusCode {
	case http.StatusOK, http.StatusPartialContent:
		return nil
	case http.StatusNotFound, http.StatusGone:
		e.Kind = ErrNotFound
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusProxyAuthRequired:
		e.Kind = ErrForbidden
	case http.StatusRequestTimeout, http.StatusTooManyRequests:
		e.passing = true
	default:
		e.passing = response.StatusCode >= http.StatusInternalServerError
	}
	return e
}

func statusText(response *http.Response) string {
	code := response.StatusCode
	if text := http.StatusText(code); text != "" {
		return fmt.Sprintf("%d %s", code, text)
	}
	return fmt.Sprint(code)
}

// Explain gives err, which connecting or asking made while ctx ran, a kind and words.
func Explain(ctx context.Context, err error) error {
	var known *Error
	if errors.As(err, &known) {
		return known
	}
	if cause := context.Cause(ctx); cause != nil {
		if errors.Is(cause, ErrStalled) {
			return &Error{Kind: ErrStalled, Message: "the server fell silent"}
		}
		return &Error{Kind: cause, Message: "the request was given up: " + cause.Error()}
	}
	// The URL in it may hold a password.
	var outer *url.Error
	if errors.As(err, &outer) {
		err = outer.Err
	}
	var unknown *net.DNSError
	var unverified *tls.CertificateVerificationError
	var invalid x509.CertificateInvalidError
	var untrusted x509.UnknownAuthorityError
	var otherName x509.HostnameError
	switch {
	case errors.As(err, &unknown):
		return &Error{Kind: ErrUnknownHost, Message: fmt.Sprintf("the host %q could not be found", unknown.Name), Cause: err}
	case errors.As(err, &unverified), errors.As(err, &invalid), errors.As(err, &untrusted), errors.As(err, &otherName):
		return &Error{Kind: ErrCertificate, Message: "the server's certificate is not accepted: " + err.Error(), Cause: err}
	case errno.Is(err, syscall.ECONNREFUSED):
		return &Error{Kind: ErrRefused, Message: "the connection was refused", Cause: err, passing: true}
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return &Error{Kind: ErrDropped, Message: "the server closed the connection too early", Cause: err, passing: true}
	default:
		return &Error{Kind: ErrDropped, Message: "the connection failed: " + err.Error(), Cause: err, passing: true}
	}
}
