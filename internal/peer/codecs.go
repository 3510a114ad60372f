package peer

import (
	"fmt"

	"github.com/pion/webrtc/v4"
)

const (
	opusParameters = "minptime=10;useinbandfec=1"
	// RFC 6184: mode 1 splits NAL units that are longer than a packet, mode 0 can't.
	h264Parameters       = "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id="
	h264SingleParameters = "level-asymmetry-allowed=1;packetization-mode=0;profile-level-id="
	av1Parameters        = "level-idx=5;profile=0;tier=0"
	h265Parameters       = "level-id=93;profile-id=1;tier-flag=0;tx-mode=SRST"
)

// mimeMultiopus is libwebrtc's name for Opus of more than two channels, each shape
// of which is a codec of its own. Its channels are in Vorbis' order (RFC 7845 section 5.1.1.2).
const mimeMultiopus = "audio/multiopus"

// Payload types are Chrome's where it has one.
func registerCodecs(engine *webrtc.MediaEngine) error {
	audioFeedback := []webrtc.RTCPFeedback{{Type: "transport-cc"}}
	opusFeedback := append([]webrtc.RTCPFeedback{{Type: "nack"}}, audioFeedback...)
	videoFeedback := []webrtc.RTCPFeedback{
		{Type: "goog-remb"},
		{Type: "transport-cc"},
		{Type: "ccm", Parameter: "fir"},
		{Type: "nack"},
		{Type: "nack", Parameter: "pli"},
	}
	for _, c := range []struct {
		payloadType webrtc.PayloadType
		mimeType    string
		clockRate   uint32
		channels    uint16
		parameters  string
		feedback    []webrtc.RTCPFeedback
	}{
		{111, webrtc.MimeTypeOpus, 48000, 2, opusParameters, opusFeedback},
		{0, webrtc.MimeTypePCMU, 8000, 0, "", audioFeedback},
		{8, webrtc.MimeTypePCMA, 8000, 0, "", audioFeedback},
		// It samples at 16 kHz, but its clock was said to be of 8 kHz once and for all (RFC 3551 section 4.5.2).
		{9, webrtc.MimeTypeG722, 8000, 0, "", audioFeedback},
		{60, mimeMultiopus, 48000, 4, multiopusParameters("0,1,2,3", 2, 2), opusFeedback},
		{61, mimeMultiopus, 48000, 6, multiopusParameters("0,4,1,2,3,5", 4, 2), opusFeedback},
		{62, mimeMultiopus, 48000, 8, multiopusParameters("0,6,1,2,3,4,5,7", 5, 3), opusFeedback},
	} {
		if err := engine.RegisterCodec(webrtc.RTPCodecParameters{
			RTPCodecCapability: webrtc.RTPCodecCapability{
				MimeType: c.mimeType, ClockRate: c.clockRate, Channels: c.channels,
				SDPFmtpLine: c.parameters, RTCPFeedback: c.feedback,
			},
			PayloadType: c.payloadType,
		}, webrtc.RTPCodecTypeAudio); err != nil {
			return fmt.Errorf("registering %s: %w", c.mimeType, err)
		}
	}
	for _, c := range []struct {
		payloadType, rtx webrtc.PayloadType
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
		for _, codec := range []webrtc.RTPCodecParameters{
			{
				RTPCodecCapability: webrtc.RTPCodecCapability{
					MimeType: c.mimeType, ClockRate: 90000,
					SDPFmtpLine: c.parameters, RTCPFeedback: videoFeedback,
				},
				PayloadType: c.payloadType,
			},
			{
				RTPCodecCapability: webrtc.RTPCodecCapability{
					MimeType: webrtc.MimeTypeRTX, ClockRate: 90000,
					SDPFmtpLine: fmt.Sprintf("apt=%d", c.payloadType),
				},
				PayloadType: c.rtx,
			},
		} {
			if err := engine.RegisterCodec(codec, webrtc.RTPCodecTypeVideo); err != nil {
				return fmt.Errorf("registering %s: %w", c.mimeType, err)
			}
		}
	}

	return nil
}

func multiopusParameters(mapping string, streams, coupled int) string {
	return fmt.Sprintf("channel_mapping=%s;coupled_streams=%d;%s;num_streams=%d", mapping, coupled, opusParameters, streams)
}

// URIs of the RTP header extensions.
const (
	uriMid             = "urn:ietf:params:rtp-hdrext:sdes:mid"
	uriRid             = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"
	uriRepairedRid     = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id"
	uriAbsSendTime     = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
	uriTransportWideCC = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
	uriAudioLevel      = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
	// Asked for by the app alone.
	uriAbsCaptureTime = "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time"

	uriDependencyDescriptor = "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension"
)

func registerExtensions(engine *webrtc.MediaEngine) error {
	both := []webrtc.RTPCodecType{webrtc.RTPCodecTypeAudio, webrtc.RTPCodecTypeVideo}
	for _, e := range []struct {
		uri   string
		kinds []webrtc.RTPCodecType
	}{
		{uriMid, both},
		{uriAbsSendTime, both},
		{uriTransportWideCC, both},
		{uriRid, both[1:]},
		{uriRepairedRid, both[1:]},
		{uriAudioLevel, both[:1]},
		{uriAbsCaptureTime, both},
		{uriDependencyDescriptor, both[1:]},
	} {
		for _, kind := range e.kinds {
			if err := engine.RegisterHeaderExtension(
				webrtc.RTPHeaderExtensionCapability{URI: e.uri}, kind); err != nil {
				return fmt.Errorf("registering %s: %w", e.uri, err)
			}
		}
	}

	return nil
}
