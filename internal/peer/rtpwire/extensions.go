package rtpwire

import "github.com/pion/interceptor"

// URIs of the RTP header extensions.
const (
	MidURI             = "urn:ietf:params:rtp-hdrext:sdes:mid"
	RidURI             = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"
	RepairedRidURI     = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id"
	AbsSendTimeURI     = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
	TransportWideCCURI = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
	AudioLevelURI      = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
	// Asked for by the app alone.
	AbsCaptureTimeURI = "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time"

	DependencyDescriptorURI = "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension"
)

// ExtensionID is the number of a header extension among those that were negotiated; 0 is none.
func ExtensionID(negotiated []interceptor.RTPHeaderExtension, uri string) uint8 {
	for _, e := range negotiated {
		if e.URI == uri {
			return uint8(e.ID) //nolint:gosec // at most 255 (RFC 8285)
		}
	}

	return 0
}
