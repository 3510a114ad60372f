package peer

import (
	"fmt"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/feedback"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/rtpwire"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/sending"
)

func entryID[N any](kind string, of N) string { return fmt.Sprintf("%s-%v", kind, of) }

// codecStats is of a stream's codec: parameters may differ from section to section.
func codecStats(id string, codec media.Codec, payloadType uint8, now float64) entry {
	e := entry{
		"id": id, "type": "codec", "timestamp": now, "transportId": transportID,
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

// outboundStats are those of every layer. They share codec and media-source,
// which the layer tells that has got most of it: one that is off has got nothing.
func (s *Sender) outboundStats() []entry {
	entries, places := []entry{}, make(map[any]int)
	for _, l := range s.layers {
		for _, e := range l.outboundStats() {
			place, known := places[e["id"]]
			if !known {
				places[e["id"]] = len(entries)
				entries = append(entries, e)

				continue
			}
			before, _ := entries[place]["frames"].(uint64)
			if now, _ := e["frames"].(uint64); now > before {
				entries[place] = e
			}
		}
	}

	return entries
}

// outboundStats are outbound-rtp, codec, media-source and, once the server has
// reported, remote-inbound-rtp.
func (l *layer) outboundStats() []entry {
	s := l.sender
	now := milliseconds(time.Now())
	sent := l.out.Counts()
	if sent.SSRC == 0 {
		return []entry{}
	}
	work := l.work()
	kind := s.kind.String()
	ids := struct{ outbound, codec, source, remote string }{
		entryID("outbound-rtp", sent.SSRC), entryID("codec-out", sent.Mid),
		entryID("media-source", work.trackID), entryID("remote-inbound-rtp", sent.SSRC),
	}
	left, again := s.peer.side.Sent(sent.SSRC)
	reports := l.reports.Read()
	outbound := entry{
		"id": ids.outbound, "type": "outbound-rtp", "timestamp": now, "kind": kind, "mediaType": kind,
		"ssrc": sent.SSRC, "mid": sent.Mid, "transportId": transportID, "codecId": ids.codec,
		"mimeType": work.codec.MimeType, "active": work.active, "encodingIndex": l.index,
		// As W3C has it, with what was sent again.
		"packetsSent": left.Packets + again.Packets, "bytesSent": left.Bytes + again.Bytes,
		"headerBytesSent":          left.Headers + again.Headers,
		"retransmittedPacketsSent": again.Packets, "retransmittedBytesSent": again.Bytes,
		"nackCount": reports.NACKs,
	}
	if work.encoding.RID != "" {
		outbound["rid"] = work.encoding.RID
	}
	if sent.RTXSSRC != 0 {
		outbound["rtxSsrc"] = sent.RTXSSRC
	}
	outbound["totalPacketSendDelay"] = s.peer.side.Paced(sent.SSRC).Delay.Seconds()
	entries := []entry{outbound, codecStats(ids.codec, work.codec, sent.PayloadType, now)}
	source := entry{"id": ids.source, "type": "media-source", "timestamp": now, "kind": kind}
	if work.trackID != "" {
		source["trackIdentifier"] = work.trackID
		outbound["mediaSourceId"] = ids.source
		entries = append(entries, source)
	}
	if f := work.feed; f.Encoder != "" {
		outbound["encoderImplementation"] = f.Encoder
		if f.TargetBitrate > 0 {
			outbound["targetBitrate"] = f.TargetBitrate
		}
	}
	if s.kind == media.Video {
		outbound["pliCount"], outbound["firCount"] = reports.PLIs, reports.FIRs
		outbound["framesSent"], outbound["framesEncoded"] = sent.Frames, sent.Frames+sent.LeftOut
		outbound["keyFramesEncoded"] = sent.Keyframes
		addPictures(outbound, source, work)
	} else {
		addSound(source, sent)
	}
	if reports.Reports == 0 {
		return entries
	}
	outbound["remoteId"] = ids.remote

	return append(entries, remoteInbound(entry{
		"id": ids.remote, "type": "remote-inbound-rtp", "timestamp": now, "kind": kind, "ssrc": sent.SSRC,
		"localId": ids.outbound, "transportId": transportID, "codecId": ids.codec,
	}, reports))
}

func remoteInbound(e entry, reports feedback.ReceptionCounts) entry {
	e["packetsReceived"], e["packetsLost"] = reports.Received, reports.Lost
	e["fractionLost"], e["jitter"] = reports.Fraction, reports.Jitter
	e["roundTripTimeMeasurements"], e["totalRoundTripTime"] = reports.Measurements, reports.RoundTrips.Seconds()
	if reports.Measurements > 0 {
		e["roundTripTime"] = reports.RoundTrip.Seconds()
	}

	return e
}

func addPictures(outbound, source entry, work layerWork) {
	f := work.feed
	outbound["totalEncodeTime"] = work.encodeTime.Seconds()
	outbound["qualityLimitationReason"] = work.limits.Reason()
	outbound["qualityLimitationDurations"] = work.limits.Seconds()
	if f.Width > 0 {
		outbound["frameWidth"], outbound["frameHeight"] = f.Width, f.Height
	}
	if work.active {
		outbound["framesPerSecond"] = f.FramesPerSecond
	}
	if f.SourceFrames > 0 {
		source["frames"] = f.SourceFrames
		source["width"], source["height"] = f.SourceWidth, f.SourceHeight
	}
}

// addSound tells how loud a source is (webrtc-stats, RTCAudioSourceStats).
func addSound(source entry, sent sending.StreamCounts) {
	if sent.Level == 0 {
		return
	}
	source["audioLevel"] = rtpwire.LinearLevel(sent.Level)
	source["totalAudioEnergy"] = sent.Energy
	source["totalSamplesDuration"] = sent.Sound.Seconds()
}
