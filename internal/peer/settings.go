package peer

import (
	"strconv"
	"strings"
	"time"

	"github.com/pion/webrtc/v4"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/rtpwire"
)

// codecSettings are what is asked of an encoder once the parameters of the codec that
// the server takes are known: those of Opus (RFC 7587 section 6.1), where
// ptime is mediasoup-client's, and libwebrtc's x-google ones of video, in kbit/s.
func codecSettings(codec media.Codec, encoding Encoding) media.EncodingSettings {
	settings := media.EncodingSettings{MaxBitrate: encoding.MaxBitrate, MaxFramerate: encoding.MaxFramerate}
	parameters := parseParameters(codec.Parameters)
	if strings.HasPrefix(strings.ToLower(codec.MimeType), "video/") {
		const kilobit = 1000
		settings.ScaleDownBy, settings.Scalability = encoding.ScaleDownBy, encoding.Scalability
		settings.StartBitrate = parameters.number("x-google-start-bitrate") * kilobit
		settings.MinBitrate = parameters.number("x-google-min-bitrate") * kilobit
		settings.MaxBitrate = lowest(settings.MaxBitrate, parameters.number("x-google-max-bitrate")*kilobit)

		return settings
	}
	if !strings.EqualFold(codec.MimeType, webrtc.MimeTypeOpus) && !strings.EqualFold(codec.MimeType, rtpwire.MimeTypeMultiopus) {
		return settings
	}
	settings.Stereo = parameters.number("stereo") == 1
	settings.FEC = parameters.number("useinbandfec") == 1
	settings.DTX = parameters.number("usedtx") == 1
	settings.MaxPlaybackRate = parameters.number("maxplaybackrate")
	settings.MaxBitrate = lowest(settings.MaxBitrate, parameters.number("maxaveragebitrate"))
	switch ptime := parameters.number("ptime"); ptime {
	case 10, 20, 40, 60:
		settings.PacketDuration = time.Duration(ptime) * time.Millisecond
	}

	return settings
}

// lowest of two limits, of which 0 is none.
func lowest(a, b int) int {
	if a == 0 || b > 0 && b < a {
		return b
	}

	return a
}

// codecParameters is an a=fmtp line, read.
type codecParameters map[string]string

func parseParameters(line string) codecParameters {
	p := make(codecParameters)
	for _, pair := range strings.Split(line, ";") {
		key, value, _ := strings.Cut(strings.TrimSpace(pair), "=")
		p[strings.ToLower(key)] = strings.TrimSpace(value)
	}

	return p
}

// number is 0 for what is not there, or not a number that can be meant.
func (p codecParameters) number(key string) int {
	const most = 10_000_000
	n, err := strconv.ParseFloat(p[key], 64)
	if err != nil || !(n > 0) {
		return 0
	}

	return int(min(n, most))
}
