package service

import (
	"bytes"
	"encoding/json"
	"net/netip"
	"testing"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/wire"
)

// Whatever is asked of a worker and what belongs to it, in whatever order: each request is answered, and the worker lives.
func FuzzRequests(f *testing.F) {
	script := func(requests ...any) []byte {
		var lines []byte
		for i := 0; i < len(requests); i += 3 {
			body, err := json.Marshal(requests[i+2])
			if err != nil {
				f.Fatal(err)
			}
			method, _ := requests[i].(wire.Method)
			lines = append(lines, byte(method), byte(requests[i+1].(int)))
			lines = append(append(lines, body...), '\n')
		}

		return lines
	}
	vp8 := wire.RTPParameters{
		Codec: wire.Codec{MimeType: "video/VP8", ClockRate: 90_000}, PayloadType: 96, RTXPayloadType: 97,
		HeaderExtensions: []wire.HeaderExtension{{URI: "urn:ietf:params:rtp-hdrext:sdes:mid", ID: 1}},
		RTCPFeedback:     []wire.RTCPFeedback{{Type: "nack", Parameter: "pli"}},
	}
	remote := wire.Remote{
		ICEParameters: wire.ICEParameters{UsernameFragment: "user", Password: "password-of-some-length", ICELite: true},
		ICECandidates: []wire.ICECandidate{{Foundation: "udp", Address: "127.0.0.1", Protocol: "udp", Type: "host", Priority: 1, Port: 9}},
		Fingerprints:  []wire.Fingerprint{{Algorithm: "sha-256", Value: "AB:CD"}}, Role: "client", SCTP: &wire.SCTP{Port: 5000, MaxMessageSize: 1 << 18},
	}
	f.Add(script(wire.PeerAddSender, 1, wire.SenderOptions{Kind: "video"}, wire.SenderSend, 2, vp8, wire.PeerConnect, 1, remote, wire.PeerGetStats, 1, wire.Empty{}))
	f.Add(script(wire.PeerAddReceiver, 1, wire.ReceiverOptions{Kind: "video", Parameters: vp8, Stream: wire.RTPStream{SSRC: 1, RTXSSRC: 2}},
		wire.ReceiverWatchLevel, 2, wire.LevelWatch{}, wire.TrackRead, 3, wire.ReaderOptions{Width: 16, Height: 16}))
	f.Add(script(wire.WorkerOpenGenerator, 0, wire.GeneratorOptions{Kind: "audio"}, wire.TrackCheckCodecs, 3, wire.CodecQuery{},
		wire.TrackRecord, 3, wire.RecorderOptions{Container: "webm"}, wire.GeneratorClear, 2, wire.Empty{}))
	f.Add(script(wire.WorkerCreateCodedTrack, 0, wire.CodedTrackOptions{}, wire.PeerCreateDataChannel, 1, wire.ChannelOptions{Label: "a"},
		wire.PeerRestartIce, 1, wire.ICEParameters{}, wire.WorkerCapabilities, 0, wire.CapabilitiesQuery{Direction: "sendonly"}, wire.WorkerDump, 0, wire.Empty{}))
	f.Fuzz(func(t *testing.T, script []byte) {
		c := open(t)
		worker := c.worker()
		handles := []uint64{worker, c.peer(worker)}
		for _, line := range bytes.SplitN(script, []byte{'\n'}, 9)[:min(8, bytes.Count(script, []byte{'\n'}))] {
			if len(line) < 2 || reachesOut(wire.Method(line[0]), line[2:]) {
				continue
			}
			c.request++
			id := c.request
			if c.env.Call(id, handles[int(line[1])%len(handles)], wire.Method(line[0]), line[2:]) != wire.StatusOK {
				continue
			}
			reply := c.next("a reply", func(r wire.Record) bool {
				return r.Number == id && (r.Type == wire.RecordReply || r.Type == wire.RecordError)
			})
			var made struct{ Handle, Track json.RawMessage }
			if reply.Type == wire.RecordReply && json.Unmarshal(reply.Payload, &made) == nil {
				handles = append(handles, handleIn(made.Handle), handleIn(made.Track))
			}
		}
		c.env.Close()
		for _, r := range c.waiting {
			if r.Type == wire.RecordEvent && r.Number == uint32(wire.WorkerDied) {
				t.Errorf("the worker died: %s", r.Payload)
			}
		}
	})
}

// handleIn is the handle that a reply names, by itself or as that of an object.
func handleIn(body json.RawMessage) uint64 {
	var handle uint64
	var object struct{ Handle uint64 }
	if json.Unmarshal(body, &handle) != nil && json.Unmarshal(body, &object) == nil {
		return object.Handle
	}

	return handle
}

// reachesOut says of a request that it would open, write or contact what is not the test's.
func reachesOut(method wire.Method, body []byte) bool {
	switch method {
	case wire.WorkerOpenSource, wire.WorkerProbe, wire.PeerSetIceServers, wire.WorkerCreatePeer, wire.EnvironmentReportCrashes:
		return true
	case wire.TrackRecord:
		var options wire.RecorderOptions

		return json.Unmarshal(body, &options) == nil && options.File != ""
	case wire.PeerConnect:
		var remote wire.Remote
		if json.Unmarshal(body, &remote) != nil {
			return false
		}
		for _, candidate := range remote.ICECandidates {
			if address, err := netip.ParseAddr(candidate.Address); err != nil || !address.IsLoopback() {
				return true
			}
		}
	}

	return false
}
