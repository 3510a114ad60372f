package peer

import (
	"fmt"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

func (s *Sender) outboundStats() []entry {
	now := milliseconds(time.Now())
	o := s.out
	o.mu.Lock()
	ssrc, mid := uint32(o.ssrc), o.mid
	o.mu.Unlock()
	s.mu.Lock()
	feed, codec, track := s.feed, s.codec, s.track
	s.mu.Unlock()
	if ssrc == 0 {
		return []entry{}
	}
	kind := s.kind.String()
	id := fmt.Sprintf("outbound-rtp-%d", ssrc)
	sourceID := fmt.Sprintf("media-source-%d", ssrc)
	outbound := entry{
		"id": id, "type": "outbound-rtp", "timestamp": now, "kind": kind, "mediaType": kind,
		"ssrc": ssrc, "mid": mid, "mimeType": codec.MimeType, "mediaSourceId": sourceID,
		"packetsSent": o.packets.Load(), "bytesSent": o.bytes.Load(), "headerBytesSent": o.headerBytes.Load(),
		"active": feed != nil,
	}
	source := entry{"id": sourceID, "type": "media-source", "timestamp": now, "kind": kind}
	if track != nil {
		source["trackIdentifier"] = track.ID()
	}
	if feed != nil {
		addFeedStats(outbound, source, s.kind, feed.Stats())
	}
	if s.kind == media.Video {
		outbound["framesSent"] = o.frames.Load()
		outbound["keyFramesEncoded"] = o.keyframes.Load()
		outbound["framesEncoded"] = o.frames.Load()
	}
	entries := []entry{outbound, source}
	if s.peer.getter == nil {
		return entries
	}
	counted := s.peer.getter.Get(ssrc)
	if counted == nil {
		return entries
	}
	outbound["nackCount"] = counted.OutboundRTPStreamStats.NACKCount
	if s.kind == media.Video {
		outbound["pliCount"] = counted.OutboundRTPStreamStats.PLICount
		outbound["firCount"] = counted.OutboundRTPStreamStats.FIRCount
	}
	remote := counted.RemoteInboundRTPStreamStats
	remoteID := fmt.Sprintf("remote-inbound-rtp-%d", ssrc)
	outbound["remoteId"] = remoteID

	answer := entry{
		"id": remoteID, "type": "remote-inbound-rtp", "timestamp": now, "kind": kind, "ssrc": ssrc, "localId": id,
		"packetsReceived": remote.PacketsReceived, "packetsLost": remote.PacketsLost, "jitter": remote.Jitter,
		"fractionLost": remote.FractionLost,
	}
	addRoundTrips(answer, remote.RoundTripTime, remote.TotalRoundTripTime, remote.RoundTripTimeMeasurements)

	return append(entries, answer)
}

func addFeedStats(outbound, source entry, kind media.Kind, f media.FeedStats) {
	outbound["encoderImplementation"] = f.Encoder
	outbound["targetBitrate"] = f.TargetBitrate
	if kind != media.Video {
		return
	}
	outbound["frameWidth"], outbound["frameHeight"] = f.Width, f.Height
	outbound["framesPerSecond"] = f.FramesPerSecond
	outbound["totalEncodeTime"] = f.TotalEncodeTime.Seconds()
	source["width"], source["height"], source["frames"] = f.SourceWidth, f.SourceHeight, f.SourceFrames
}

func (r *Receiver) inboundStats() []entry {
	now := milliseconds(time.Now())
	t := r.track
	ssrc := uint32(t.remote.SSRC())
	kind := t.kind.String()
	id := fmt.Sprintf("inbound-rtp-%d", ssrc)
	inbound := entry{
		"id": id, "type": "inbound-rtp", "timestamp": now, "kind": kind, "mediaType": kind, "ssrc": ssrc,
		"mid": r.mid, "mimeType": t.codec.MimeType, "trackIdentifier": t.id,
		"packetsReceived": r.packets.Load(), "bytesReceived": r.bytes.Load(),
	}
	if t.kind == media.Video {
		inbound["framesReceived"] = t.frames.Load()
		inbound["keyFramesReceived"] = t.keyframes.Load()
	}
	entries := []entry{inbound}
	if r.peer.getter == nil {
		return entries
	}
	counted := r.peer.getter.Get(ssrc)
	if counted == nil {
		return entries
	}
	in := counted.InboundRTPStreamStats
	inbound["packetsLost"], inbound["jitter"] = in.PacketsLost, in.Jitter
	inbound["nackCount"], inbound["headerBytesReceived"] = in.NACKCount, in.HeaderBytesReceived
	if !in.LastPacketReceivedTimestamp.IsZero() {
		inbound["lastPacketReceivedTimestamp"] = milliseconds(in.LastPacketReceivedTimestamp)
	}
	if t.kind == media.Video {
		inbound["pliCount"], inbound["firCount"] = in.PLICount, in.FIRCount
	}
	remote := counted.RemoteOutboundRTPStreamStats
	if remote.ReportsSent == 0 {
		return entries
	}
	remoteID := fmt.Sprintf("remote-outbound-rtp-%d", ssrc)
	inbound["remoteId"] = remoteID

	report := entry{
		"id": remoteID, "type": "remote-outbound-rtp", "timestamp": now, "kind": kind, "ssrc": ssrc, "localId": id,
		"packetsSent": remote.PacketsSent, "bytesSent": remote.BytesSent, "reportsSent": remote.ReportsSent,
		"remoteTimestamp": milliseconds(remote.RemoteTimeStamp),
	}
	// mediasoup counts from its start, which is no time of day.
	leaveOutUnknown(report)
	addRoundTrips(report, remote.RoundTripTime, remote.TotalRoundTripTime, remote.RoundTripTimeMeasurements)

	return append(entries, report)
}
