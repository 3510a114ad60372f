package peer

import (
	"fmt"

	"github.com/pion/interceptor"
	"github.com/pion/webrtc/v4"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/rtpwire"
)

const (
	opusParameters = "minptime=10;useinbandfec=1"
	// RFC 6184: mode 1 splits NAL units that are longer than a packet, mode 0 can't.
	h264Parameters       = "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id="
	h264SingleParameters = "level-asymmetry-allowed=1;packetization-mode=0;profile-level-id="
	av1Parameters        = "level-idx=5;profile=0;tier=0"
	h265Parameters       = "level-id=93;profile-id=1;tier-flag=0;tx-mode=SRST"
)

// Capabilities are what can be sent or received, as numbers: what is told to a
// server, and what packets then carry.
type Capabilities struct {
	Codecs     []CodecCapability
	Extensions []ExtensionCapability
}

// CodecCapability is a codec, its payload type and the feedback that goes with it
// (RFC 4585).
type CodecCapability struct {
	media.Codec
	Kind        media.Kind
	PayloadType uint8
	Feedback    []interceptor.RTCPFeedback
}

// ExtensionCapability is an RTP header extension and its number (RFC 8285).
type ExtensionCapability struct {
	Kind media.Kind
	URI  string
	ID   uint8
}

// NewCapabilities are those of what is sent ("sendonly") or received ("recvonly").
func NewCapabilities(direction string) (Capabilities, error) {
	if direction != "sendonly" && direction != "recvonly" {
		return Capabilities{}, fmt.Errorf("%w: direction %q is neither sendonly nor recvonly", ErrInvalidArgument, direction)
	}
	capabilities := Capabilities{Extensions: extensions()}
	for _, c := range append(audioCodecs(), videoCodecs()...) {
		// Its estimates are understood, but none are sent.
		if direction == "recvonly" {
			c.Feedback = without(c.Feedback, webrtc.TypeRTCPFBGoogREMB)
		}
		capabilities.Codecs = append(capabilities.Codecs, c)
	}

	return capabilities, nil
}

func without(feedback []interceptor.RTCPFeedback, kind string) []interceptor.RTCPFeedback {
	var kept []interceptor.RTCPFeedback
	for _, f := range feedback {
		if f.Type != kind {
			kept = append(kept, f)
		}
	}

	return kept
}

// Payload types are Chrome's where it has one.
func audioCodecs() []CodecCapability {
	feedback := []interceptor.RTCPFeedback{{Type: webrtc.TypeRTCPFBTransportCC}}
	opusFeedback := append([]interceptor.RTCPFeedback{{Type: webrtc.TypeRTCPFBNACK}}, feedback...)
	var codecs []CodecCapability
	for _, c := range []struct {
		payloadType uint8
		mimeType    string
		clockRate   uint32
		channels    uint16
		parameters  string
		feedback    []interceptor.RTCPFeedback
	}{
		{111, webrtc.MimeTypeOpus, 48000, 2, opusParameters, opusFeedback},
		{0, webrtc.MimeTypePCMU, 8000, 1, "", feedback},
		{8, webrtc.MimeTypePCMA, 8000, 1, "", feedback},
		// It samples at 16 kHz, but its clock was said to be of 8 kHz once and for all (RFC 3551 section 4.5.2).
		{9, webrtc.MimeTypeG722, 8000, 1, "", feedback},
		{60, rtpwire.MimeTypeMultiopus, 48000, 4, multiopusParameters("0,1,2,3", 2, 2), opusFeedback},
		{61, rtpwire.MimeTypeMultiopus, 48000, 6, multiopusParameters("0,4,1,2,3,5", 4, 2), opusFeedback},
		{62, rtpwire.MimeTypeMultiopus, 48000, 8, multiopusParameters("0,6,1,2,3,4,5,7", 5, 3), opusFeedback},
	} {
		codecs = append(codecs, CodecCapability{
			Codec: media.Codec{
				MimeType: c.mimeType, ClockRate: c.clockRate, Channels: c.channels, Parameters: c.parameters,
			},
			Kind: media.Audio, PayloadType: c.payloadType, Feedback: c.feedback,
		})
	}

	return codecs
}

// Each codec of video is followed by that of its retransmissions (RFC 4588).
func videoCodecs() []CodecCapability {
	feedback := []interceptor.RTCPFeedback{
		{Type: webrtc.TypeRTCPFBGoogREMB},
		{Type: webrtc.TypeRTCPFBTransportCC},
		{Type: webrtc.TypeRTCPFBCCM, Parameter: "fir"},
		{Type: webrtc.TypeRTCPFBNACK},
		{Type: webrtc.TypeRTCPFBNACK, Parameter: "pli"},
	}
	const clockRate = 90000
	var codecs []CodecCapability
	for _, c := range []struct {
		payloadType, rtx uint8
		mimeType         string
		parameters       string
	}{
		{96, 97, webrtc.MimeTypeVP8, ""},
		{98, 99, webrtc.MimeTypeVP9, "profile-id=0"},
		{106, 107, webrtc.MimeTypeH264, h264Parameters + "42e01f"},
		{102, 103, webrtc.MimeTypeH264, h264Parameters + "42001f"},
		{127, 125, webrtc.MimeTypeH264, h264Parameters + "4d001f"},
		{112, 113, webrtc.MimeTypeH264, h264Parameters + "64001f"},
		{108, 109, webrtc.MimeTypeH264, h264SingleParameters + "42e01f"},
		{104, 105, webrtc.MimeTypeH264, h264SingleParameters + "42001f"},
		{45, 46, webrtc.MimeTypeAV1, av1Parameters},
		{49, 50, webrtc.MimeTypeH265, h265Parameters},
	} {
		codecs = append(codecs,
			CodecCapability{
				Codec: media.Codec{MimeType: c.mimeType, ClockRate: clockRate, Parameters: c.parameters},
				Kind:  media.Video, PayloadType: c.payloadType, Feedback: feedback,
			},
			CodecCapability{
				Codec: media.Codec{
					MimeType: webrtc.MimeTypeRTX, ClockRate: clockRate, Parameters: fmt.Sprintf("apt=%d", c.payloadType),
				},
				Kind: media.Video, PayloadType: c.rtx,
			})
	}

	return codecs
}

func multiopusParameters(mapping string, streams, coupled int) string {
	return fmt.Sprintf("channel_mapping=%s;coupled_streams=%d;%s;num_streams=%d", mapping, coupled, opusParameters, streams)
}

// extensions have one number each, for both kinds.
func extensions() []ExtensionCapability {
	both := []media.Kind{media.Audio, media.Video}
	var all []ExtensionCapability
	for i, e := range []struct {
		uri   string
		kinds []media.Kind
	}{
		{rtpwire.MidURI, both},
		{rtpwire.AbsSendTimeURI, both},
		{rtpwire.TransportWideCCURI, both},
		{rtpwire.RidURI, both[1:]},
		{rtpwire.RepairedRidURI, both[1:]},
		{rtpwire.AudioLevelURI, both[:1]},
		{rtpwire.AbsCaptureTimeURI, both},
		{rtpwire.DependencyDescriptorURI, both[1:]},
	} {
		for _, kind := range e.kinds {
			all = append(all, ExtensionCapability{Kind: kind, URI: e.uri, ID: uint8(i + 1)}) //nolint:gosec // a few
		}
	}

	return all
}
