package stats

import (
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/feedback"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/rtpwire"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/sending"
)

// Codec is of a stream's codec: parameters may differ from section to section.
func Codec(id string, codec media.Codec, payloadType uint8, now float64) Entry {
	e := Entry{
		"id": id, "type": "codec", "timestamp": now, "transportId": TransportID,
		"payloadType": payloadType, "mimeType": codec.MimeType, "clockRate": codec.ClockRate,
	}
	if codec.Channels > 0 {
		e["channels"] = codec.Channels
	}
	if codec.Parameters != "" {
		e["sdpFmtpLine"] = codec.Parameters
	}

	return e
}

// RemoteInbound completes a remote-inbound-rtp by what the server has reported.
func RemoteInbound(e Entry, reports feedback.ReceptionCounts) Entry {
	e["packetsReceived"], e["packetsLost"] = reports.Received, reports.Lost
	e["fractionLost"], e["jitter"] = reports.Fraction, reports.Jitter
	e["roundTripTimeMeasurements"], e["totalRoundTripTime"] = reports.Measurements, reports.RoundTrips.Seconds()
	if reports.Measurements > 0 {
		e["roundTripTime"] = reports.RoundTrip.Seconds()
	}

	return e
}

// AddSound tells how loud a source is (webrtc-stats, RTCAudioSourceStats).
func AddSound(source Entry, sent sending.StreamCounts) {
	if sent.Level == 0 {
		return
	}
	source["audioLevel"] = rtpwire.LinearLevel(sent.Level)
	source["totalAudioEnergy"] = sent.Energy
	source["totalSamplesDuration"] = sent.Sound.Seconds()
}
