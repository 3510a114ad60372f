package peer

import (
	"fmt"
	"strings"
	"testing"

	"github.com/pion/interceptor"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/connectivity"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/hostiletest"
)

// Of parameters as a hostile server tells them, within the bounds of the wire, each is refused, or does no harm to what is there.
func TestExtremeParametersOfAServerDoNoHarm(t *testing.T) {
	const times = 1000
	b := besiege(t, 1)
	r := hostiletest.NewRandom(3)
	size := heapSize()
	refused := 0
	note := func(err error) {
		if err != nil {
			refused++
		}
	}
	for i := range times {
		switch i % 10 {
		default:
			kind := hostiletest.Pick(r, media.Audio, media.Video)
			receiver, err := b.AddReceiver(ReceiverOptions{
				Parameters: extremeParameters(r), Kind: kind, Stream: Stream{SSRC: r.Word(), RTX: r.Word()},
			})
			note(err)
			if err != nil {
				continue
			}
			if _, err := receiver.Track().Attach(receiver.Track().Codec(), media.EncodingSettings{}, discard{}); err == nil {
				b.attack(t, 1, func(int) { b.server.WriteRTP(r.RTP(b.streams)) })
			}
			receiver.Stop()
		case 1, 2, 3:
			sender := add(t, b.Peer, newFakeTrack(hostiletest.Pick(r, media.Audio, media.Video)))
			note(sender.Send(extremeParameters(r)))
			sender.Stop()
		case 4:
			// Of a connection that has not begun: what it is told stays with it.
			p, err := New(Options{Loopback: true})
			if err != nil {
				t.Fatal(err)
			}
			remote := extremeRemote(r)
			note(p.Connect(remote))
			if err := p.Close(); err != nil {
				t.Errorf("%v: %.500q", err, fmt.Sprint(remote))
			}
		case 5, 6:
			// What ICE would take is another test's: it restarts.
			remote := extremeRemote(r)
			remote.ICE.Password += hostiletest.Pick(r, " ", "\n", "\t")
			if err := b.RestartICE(remote.ICE); err == nil {
				t.Errorf("%.50q is taken", remote.ICE.Password)
			}
		}
	}
	b.goesOn(t, "extreme parameters")
	if grown := heapSize() - size; grown > 16<<20 {
		t.Errorf("%d KB more are in use", grown>>10)
	}
	t.Logf("%d of %d were refused", refused, times*8/10)
}

func extremeParameters(r hostiletest.Random) Parameters {
	p := parametersOf(hostiletest.Pick(r, media.Audio, media.Video), "")
	p.Mid = extremeWord(r)
	p.Mid = p.Mid[:min(len(p.Mid), 255)]
	for range r.IntN(3) {
		switch r.IntN(8) {
		case 0:
			p.PayloadType, p.RTXPayloadType = byte(r.Word()), byte(r.Word()) //nolint:gosec // any
		case 1:
			p.Codec.MimeType = hostiletest.Pick(r, "video/", "audio/"+extremeWord(r), "video/VP9", "video/AV1", "video/H264", "VIDEO/h265", extremeWord(r))
		case 2:
			p.Codec.ClockRate, p.Codec.Channels = r.Word(), uint16(r.Word()) //nolint:gosec // any
		case 3:
			p.Codec.Parameters = strings.Repeat("sprop-parameter-sets=Z0IAH52oFAFum4CAgIE=;profile-id=99999999999;ptime=NaN;", r.IntN(800))
		case 4:
			for range r.IntN(250) {
				p.Extensions = append(p.Extensions, interceptor.RTPHeaderExtension{URI: extremeWord(r), ID: int(int32(r.Word()))}) //nolint:gosec // any
			}
		case 5:
			for i := range p.Extensions {
				p.Extensions[i].ID = hostiletest.Pick(r, 1, 15, 255)
			}
		case 6:
			for range r.IntN(250) {
				p.Feedback = append(p.Feedback, interceptor.RTCPFeedback{Type: extremeWord(r), Parameter: extremeWord(r)})
			}
		default:
			p.Extensions, p.Feedback = nil, nil
		}
	}

	return p
}

func extremeRemote(r hostiletest.Random) Remote {
	remote := Remote{
		ICE: ICEParameters{UsernameFragment: "user", Password: "password-of-some-length", Lite: r.IntN(2) == 0}, Role: "server",
		Fingerprints: []Fingerprint{{Algorithm: "sha-256", Value: "AB"}},
	}
	for range r.IntN(3) {
		switch r.IntN(6) {
		case 0:
			remote.ICE.UsernameFragment, remote.ICE.Password = extremeWord(r), extremeWord(r)
		case 1:
			remote.Fingerprints[0] = Fingerprint{Algorithm: extremeWord(r), Value: extremeWord(r)}
		case 2:
			for range r.IntN(31) {
				remote.Fingerprints = append(remote.Fingerprints, Fingerprint{Algorithm: "sha-512", Value: "AB:CD"})
			}
		case 3:
			for range hostiletest.Pick(r, 1, 5, 20, 64) {
				remote.Candidates = append(remote.Candidates, connectivity.Candidate{
					Foundation: "f", Protocol: hostiletest.Pick(r, "udp", "tcp", "UDP", "sctp"), Type: hostiletest.Pick(r, "host", "relay", "none"),
					Address:  hostiletest.Pick(r, "127.0.0.1", "::1", "0.0.0.0", "255.255.255.255", "ff02::1", "fe80::1%lo", "1", "a.local"),
					Priority: r.Word(), Port: uint16(r.Word()), TCPType: hostiletest.Pick(r, "", "passive", "so", "x"), //nolint:gosec // any
				})
			}
		case 4:
			remote.SCTP = &SCTPParameters{Port: uint16(r.Word()), MaxMessageSize: uint64(r.Word())} //nolint:gosec // any
		default:
			remote.Role = hostiletest.Pick(r, "client", "auto", "", "server\r\na=x")
		}
	}

	return remote
}

// extremeWord is nothing, long, or has in it what a line must not have.
func extremeWord(r hostiletest.Random) string {
	return hostiletest.Pick(r, "", "1", "mid", strings.Repeat("m", 255), strings.Repeat("long", 2500), "a b", "a\r\nm=audio 9 RTP/AVP 0", "\x00", "ü", "%s%n")
}
