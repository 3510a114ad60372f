package connectivity

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/pion/stun/v4"
	"github.com/pion/webrtc/v4"
)

// ICEServer is W3C's RTCIceServer with password credentials.
type ICEServer struct {
	URLs       []string
	Username   string
	Credential string
}

// CheckICEServers refuses the URLs of which pion must not even be asked.
func CheckICEServers(servers []ICEServer) error {
	for _, server := range servers {
		for _, one := range server.URLs {
			if isEndless(one) {
				return fmt.Errorf("%.100q: %w", one, stun.ErrHost)
			}
		}
	}

	return nil
}

// ICEServers are those of options as pion has them.
func ICEServers(servers []ICEServer) []webrtc.ICEServer {
	list := make([]webrtc.ICEServer, len(servers))
	for i, server := range servers {
		list[i] = webrtc.ICEServer{URLs: server.URLs, Username: server.Username, Credential: server.Credential}
	}

	return list
}

// parseURL reads the URL of an ICE server (RFC 7064, RFC 7065).
func parseURL(text string) (*stun.URI, error) {
	if isEndless(text) {
		return nil, stun.ErrHost
	}

	return stun.ParseURI(text) //nolint:wrapcheck // is shown to nobody
}

// isEndless says that pion's parser would call itself without an end: it adds the port that is missing behind a bracket
// again and again, where something else stands there ("stun:[]a").
func isEndless(text string) bool {
	parsed, err := url.Parse(text)
	if err != nil || !strings.HasPrefix(parsed.Opaque, "[") {
		return false
	}
	_, behind, _ := strings.Cut(parsed.Opaque, "]")

	return behind != "" && !strings.HasPrefix(behind, ":")
}
