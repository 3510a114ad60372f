package peer

import (
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/rtpwire"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/stats"
)

// inboundStats are inbound-rtp, codec and, once the server has reported,
// remote-outbound-rtp.
func (r *Receiver) inboundStats() []stats.Entry {
	now := time.Now()
	at := media.Milliseconds(now)
	t := r.track
	ssrc, kind := r.options.Stream.SSRC, t.kind.String()
	id, codecID := stats.ID("inbound-rtp", ssrc), stats.ID("codec-in", ssrc)
	got := r.arrivals.Read(now)
	inbound := stats.Entry{
		"id": id, "type": "inbound-rtp", "timestamp": at, "kind": kind, "mediaType": kind,
		"ssrc": ssrc, "mid": r.options.Mid, "transportId": stats.TransportID, "codecId": codecID,
		"mimeType": t.codec.MimeType, "trackIdentifier": r.options.TrackIdentifier,
		"packetsReceived": got.Packets, "packetsLost": got.Lost, "jitter": got.Jitter,
		"bytesReceived": got.Bytes, "headerBytesReceived": got.HeaderBytes,
		"retransmittedPacketsReceived": got.Again.Packets, "retransmittedBytesReceived": got.Again.Bytes,
		"nackCount": r.peer.nacks.Sent(ssrc),
	}
	if rtx := r.options.Stream.RTX; rtx != 0 {
		inbound["rtxSsrc"] = rtx
	}
	if !got.Last.IsZero() {
		inbound["lastPacketReceivedTimestamp"] = media.Milliseconds(got.Last)
	}
	if t.kind == media.Video {
		inbound["framesReceived"] = got.Frames
		inbound["framesPerSecond"] = got.FramesPerSecond
		inbound["pliCount"], inbound["firCount"] = r.plis.Load(), 0
		if got.Width > 0 {
			inbound["frameWidth"], inbound["frameHeight"] = got.Width, got.Height
		}
	} else if got.Heard {
		inbound["audioLevel"] = rtpwire.LinearLevel(got.Level)
		inbound["totalAudioEnergy"], inbound["totalSamplesDuration"] = got.Energy, got.Sound.Seconds()
	}
	t.addRead(inbound)
	entries := []stats.Entry{inbound, stats.Codec(codecID, t.codec, r.options.PayloadType, at)}
	reports := r.reports.Read()
	if reports.Reports == 0 {
		return entries
	}
	remoteID := stats.ID("remote-outbound-rtp", ssrc)
	inbound["remoteId"] = remoteID
	remote := stats.Entry{
		"id": remoteID, "type": "remote-outbound-rtp", "timestamp": at, "kind": kind, "ssrc": ssrc,
		"localId": id, "transportId": stats.TransportID, "codecId": codecID,
		"packetsSent": reports.Packets, "bytesSent": reports.Bytes, "reportsSent": reports.Reports,
	}
	// mediasoup counts from its start, which is no time of day.
	if reports.At.Unix() > 0 {
		remote["remoteTimestamp"] = media.Milliseconds(reports.At)
	}

	return append(entries, remote)
}

// addRead tells what came of the packets while somebody read the track.
func (t *RemoteTrack) addRead(inbound stats.Entry) {
	if !t.read.Load() {
		return
	}
	read := t.counts.Read()
	inbound["packetsDiscarded"] = read.Discarded
	if t.kind == media.Video {
		inbound["framesDropped"] = read.Dropped
	}
	if read.Emitted > 0 {
		inbound["jitterBufferEmittedCount"] = read.Emitted
		inbound["jitterBufferDelay"] = read.Delay.Seconds()
	}
}
