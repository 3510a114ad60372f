package remote

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/fetch"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/container"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/refusal"
)

// OptionPublicOnly keeps a URL, and all that it leads to, from private addresses.
const OptionPublicOnly = "public_only"

// mostCAFile bounds what is read for a file of certificates.
const mostCAFile = 4 << 20

// urlOptions are a Spec's options by who takes them.
type urlOptions struct {
	// reconnect opens a live stream again that dropped.
	reconnect bool
	// live says whether what is fetched comes as it is made; nil finds out.
	live *bool
	// public forbids private addresses.
	public bool
	// own is what is done here instead, by FFmpeg's names.
	own map[string]string
	// demuxer is what FFmpeg takes.
	demuxer map[string]string
}

// tlsOption gives the longer of the two names that FFmpeg has for options of TLS.
func tlsOption(name string) (string, bool) {
	switch name {
	case "ca_file", "cafile":
		return "ca_file", true
	case "cert_file", "cert":
		return "cert_file", true
	case "key_file", "key":
		return "key_file", true
	case "tls_verify", "verify":
		return "tls_verify", true
	default:
		return name, false
	}
}

// httpOptions are FFmpeg's of its http protocol that are done here instead.
func httpOptions() []string {
	return []string{"headers", "user_agent", "referer", "cookies", "http_proxy"}
}

// refusedOptions would undo what keeps a source from what it may not open, or
// have another way here.
func refusedOptions() map[string]string {
	const safety = "it would let the source open what it may not"
	const timeout = "use the source's timeout, in seconds"
	const reconnect = "live streams are opened again, and downloads taken up, by themselves; the option reconnect turns the first off"
	return map[string]string{
		"protocol_whitelist": safety, "protocol_blacklist": safety,
		"format_whitelist": safety, "codec_whitelist": safety,
		"safe": safety, "allowed_extensions": safety, "allowed_segment_extensions": safety,
		"extension_picky": safety, "seg_format_options": safety,
		"enable_drefs": safety, "use_absolute_path": safety, "pattern_type": safety,
		"dump_attachment": safety, "rtmp_swfverify": safety,
		"http_persistent": "connections are always kept", "http_multiple": "one segment is fetched at a time",
		"reconnect_at_eof": reconnect, "reconnect_streamed": reconnect, "reconnect_delay_max": reconnect,
		"reconnect_on_network_error": reconnect, "reconnect_on_http_error": reconnect, "reconnect_max_retries": reconnect,
		"timeout": timeout, "rw_timeout": timeout, "stimeout": timeout,
	}
}

// checkOption refuses an option that no source may have; words says of which.
func checkOption(words, name, value string) error {
	if why, refused := refusedOptions()[strings.ToLower(strings.TrimLeft(name, "-+"))]; refused {
		return &refusal.Error{Kind: refusal.ErrNotAllowed, Message: fmt.Sprintf("option %q of %s is refused: %s", name, words, why)}
	}
	if name == "" || strings.ContainsRune(name, 0) || strings.ContainsRune(value, 0) {
		return &refusal.Error{Kind: refusal.ErrInvalid, Message: fmt.Sprintf("an option of %s is empty or has a NUL character", words)}
	}
	return nil
}

func splitURLOptions(u *urlSource, given map[string]string) (urlOptions, error) {
	o := urlOptions{reconnect: true, own: make(map[string]string), demuxer: make(map[string]string)}
	for name, value := range given {
		if err := checkOption(u.name, name, value); err != nil {
			return o, err
		}
		if err := o.take(u, name, value); err != nil {
			return o, err
		}
	}
	return o, nil
}

// take gives an option to who does it.
func (o *urlOptions) take(u *urlSource, name, value string) error {
	scheme := u.url.Scheme
	long, isTLS := tlsOption(name)
	isTLS = isTLS && slices.Contains([]string{"http", "https", "rtsps", "rtmps"}, scheme)
	switch {
	case name == "reconnect":
		on, err := strconv.ParseBool(value)
		if err != nil {
			return u.invalidOption(name, `"0" or "1"`)
		}
		o.reconnect = on
	case name == "live" && u.scheme.Protocols == "":
		on, err := strconv.ParseBool(value)
		if err != nil {
			return u.invalidOption(name, `"0" or "1"`)
		}
		o.live = &on
	case container.IsChoice(name):
		return container.CheckChoice(name, value)
	case name == OptionPublicOnly:
		on, err := strconv.ParseBool(value)
		if err != nil {
			return u.invalidOption(name, `"0" or "1"`)
		}
		o.public = on
	case isTLS && long == "tls_verify" && value != "1":
		return &refusal.Error{Kind: refusal.ErrNotAllowed, Message: fmt.Sprintf(
			"option %q of %s is refused: certificates are always checked; name the file of a private CA with ca_file", name, u.name)}
	case isTLS:
		o.own[long] = value
		if scheme == "rtmps" {
			o.demuxer[long] = value
		}
	case name == "rtsp_transport" && value != "tcp" && (scheme == "rtsps" || isOn(u.given[OptionPublicOnly])):
		return u.invalidOption(name, `"tcp", with rtsps and with public_only`)
	case (scheme == "http" || scheme == "https") && slices.Contains(httpOptions(), name):
		o.own[name] = value
	case name == "rtsp_flags" && !isOfFlags(value, "filter_src", "prefer_tcp", "satip_raw"):
		return u.invalidOption(name, `"filter_src", "prefer_tcp" or "satip_raw"`)
	case name == "rtsp_transport" && !isOfFlags(value, "udp", "tcp", "udp_multicast"):
		return u.invalidOption(name, `"udp", "tcp" or "udp_multicast"`)
	case !allowedOption(scheme, name):
		return &refusal.Error{Kind: refusal.ErrUnsupported, Message: fmt.Sprintf(
			"option %q is none that %s, of the scheme %s, may have: see the documentation of URLs as sources for those that there are",
			refusal.Shorten(name), u.name, scheme)}
	default:
		o.demuxer[name] = value
	}
	return nil
}

// isOn is for an option whose value is checked elsewhere.
func isOn(value string) bool {
	on, err := strconv.ParseBool(value)
	return err == nil && on
}

// isOfFlags reports whether value is made of the flags alone, in FFmpeg's way to write them.
func isOfFlags(value string, flags ...string) bool {
	parts := strings.FieldsFunc(value, func(r rune) bool { return r == '+' || r == '-' || r == '|' })
	return !slices.ContainsFunc(parts, func(part string) bool { return !slices.Contains(flags, part) })
}

func (u *urlSource) invalidOption(name, expected string) error {
	return &refusal.Error{Kind: refusal.ErrInvalid, Message: fmt.Sprintf("option %q of %s: expected %s", name, u.name, expected)}
}

// ownOptions are FFmpeg's for this scheme. The user's override them, but for
// the check of certificates, which those can't turn off.
func (u *urlSource) ownOptions() map[string]string {
	own := map[string]string{"analyzeduration": strconv.FormatInt(u.analysis().Microseconds(), 10)}
	switch u.url.Scheme {
	case "rtsp", "rtsps":
		own["timeout"] = strconv.FormatInt(u.replyTimeout().Microseconds(), 10)
		own["max_delay"] = "150000"
		if u.url.Scheme == "rtsps" || u.allow != nil {
			// Over UDP a server could name another to send to.
			own["rtsp_transport"] = "tcp"
		}
	case "rtmps":
		own["tls_verify"] = "1"
		// The host of the URL may have become an address.
		own["verifyhost"] = u.url.Hostname()
		if file := systemRoots(); file != "" {
			own["ca_file"] = file
		}
	case "udp", "rtp", "srt":
		own["max_delay"] = "150000"
	}
	return own
}

// analysis is how long FFmpeg looks for streams: that leaves time to open, over TCP where UDP took its half.
func (u *urlSource) analysis() time.Duration {
	whole := u.timeout
	if u.scheme.Relayed {
		whole = u.replyTimeout()
	}
	return min(whole/2, 5*time.Second)
}

// systemRoots is where systems keep the certificates that FFmpeg's TLS checks
// with, as Go looks for them; "" where there are none.
func systemRoots() string {
	for _, file := range []string{
		os.Getenv("SSL_CERT_FILE"), "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
		"/etc/ssl/ca-bundle.pem", "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", "/etc/ssl/cert.pem",
	} {
		if info, err := os.Stat(file); file != "" && err == nil && info.Mode().IsRegular() {
			return file
		}
	}
	return ""
}

// client makes the client that fetches for the source.
func (o urlOptions) client(u *urlSource) (*fetch.Client, error) {
	own := *u.url
	own.User = nil
	config := fetch.Config{
		UserAgent: o.own["user_agent"], Cookies: o.own["cookies"], Home: &own, Allow: u.allow,
		Header: make(http.Header), Stall: u.timeout,
	}
	if err := addHeaders(config.Header, o.own["headers"]); err != nil {
		return nil, u.invalidOption("headers", "lines of \"Name: value\"")
	}
	if referer := o.own["referer"]; referer != "" {
		config.Header.Set("Referer", referer)
	}
	if raw := o.own["http_proxy"]; raw != "" {
		if u.allow != nil {
			return nil, &refusal.Error{Kind: refusal.ErrNotAllowed, Message: fmt.Sprintf(
				"option \"http_proxy\" of %s is refused: with public_only the address is looked at, which a proxy hides", u.name)}
		}
		proxy, err := url.Parse(raw)
		if err != nil || proxy.Host == "" || proxy.Scheme != "http" && proxy.Scheme != "https" {
			return nil, u.invalidOption("http_proxy", "the http: or https: URL of a proxy")
		}
		config.Proxy = proxy
	}
	var err error
	if config.TLS, err = o.tls(u); err != nil {
		return nil, err
	}
	client, err := fetch.New(config)
	if err != nil {
		return nil, u.invalidOption("cookies", "lines in the form of Set-Cookie")
	}
	return client, nil
}

// tls is how servers are checked, and what is shown to them.
func (o urlOptions) tls(u *urlSource) (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if file := o.own["ca_file"]; file != "" {
		roots, err := readRoots(file)
		if err != nil {
			return nil, &refusal.Error{Kind: refusal.ErrInvalid, Cause: err, Message: fmt.Sprintf(
				"option \"ca_file\" of %s: expected a file of certificates in PEM, but %q %v", u.name, refusal.Shorten(file), err)}
		}
		config.RootCAs = roots
	}
	if file := o.own["cert_file"]; file != "" {
		certificate, err := tls.LoadX509KeyPair(file, o.own["key_file"])
		if err != nil {
			return nil, u.invalidOption("cert_file", "a certificate in PEM, with its key in key_file")
		}
		config.Certificates = []tls.Certificate{certificate}
	}
	return config, nil
}

// readRoots reads certificates in PEM.
func readRoots(file string) (*x509.CertPool, error) {
	info, err := os.Stat(file)
	switch {
	case err != nil:
		return nil, fmt.Errorf("can't be found: %w", err)
	case !info.Mode().IsRegular() || info.Size() > mostCAFile:
		return nil, fmt.Errorf("is no file of at most %d MiB", mostCAFile>>20)
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("can't be read: %w", err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("holds no certificate")
	}
	return roots, nil
}

// addHeaders takes lines of "Name: value", as FFmpeg's option headers has them.
func addHeaders(header http.Header, lines string) error {
	for line := range strings.Lines(lines) {
		line = strings.TrimRight(line, "\r\n")
		if line == "" {
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		value = strings.TrimSpace(value)
		if !ok || !isToken(name) || strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) {
			return fmt.Errorf("%q is no header", refusal.Shorten(name))
		}
		header.Add(name, value)
	}
	return nil
}

// isToken is RFC 9110's rule for names of header fields.
func isToken(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune("\"(),/:;<=>?@[\\]{}", r)
	})
}
