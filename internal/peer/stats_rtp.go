package peer

import (
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/stats"
)

// outboundStats are those of every layer. They share codec and media-source,
// which the layer tells that has got most of it: one that is off has got nothing.
func (s *Sender) outboundStats() []stats.Entry {
	entries, places := []stats.Entry{}, make(map[any]int)
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
func (l *layer) outboundStats() []stats.Entry {
	s := l.sender
	now := media.Milliseconds(time.Now())
	sent := l.out.Counts()
	if sent.SSRC == 0 {
		return []stats.Entry{}
	}
	work := l.work()
	kind := s.kind.String()
	ids := struct{ outbound, codec, source, remote string }{
		stats.ID("outbound-rtp", sent.SSRC), stats.ID("codec-out", sent.Mid),
		stats.ID("media-source", work.trackID), stats.ID("remote-inbound-rtp", sent.SSRC),
	}
	left, again := s.peer.side.Sent(sent.SSRC)
	reports := l.reports.Read()
	outbound := stats.Entry{
		"id": ids.outbound, "type": "outbound-rtp", "timestamp": now, "kind": kind, "mediaType": kind,
		"ssrc": sent.SSRC, "mid": sent.Mid, "transportId": stats.TransportID, "codecId": ids.codec,
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
	entries := []stats.Entry{outbound, stats.Codec(ids.codec, work.codec, sent.PayloadType, now)}
	source := stats.Entry{"id": ids.source, "type": "media-source", "timestamp": now, "kind": kind}
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
		stats.AddSound(source, sent)
	}
	if reports.Reports == 0 {
		return entries
	}
	outbound["remoteId"] = ids.remote

	return append(entries, stats.RemoteInbound(stats.Entry{
		"id": ids.remote, "type": "remote-inbound-rtp", "timestamp": now, "kind": kind, "ssrc": sent.SSRC,
		"localId": ids.outbound, "transportId": stats.TransportID, "codecId": ids.codec,
	}, reports))
}

func addPictures(outbound, source stats.Entry, work layerWork) {
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
