package connectivity

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net/netip"
	"testing"

	"github.com/pion/ice/v4"
	"github.com/pion/webrtc/v4"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/rtpwire"
)

// Whatever a server tells of itself: what passes the check is an SDP of these sections, with candidates that are read as
// they were told, or not at all.
func FuzzAnswer(f *testing.F) {
	f.Add("user", "password-of-some-length", "sha-256", "AB:CD", "udpcandidate", "192.0.2.1", "udp", "host", "", uint32(1), uint16(40_000), "client", true)
	f.Add("user", "password-of-some-length", "sha-512", "AB", "tcpcandidate", "2001:db8::1", "tcp", "host", "passive", uint32(1<<31), uint16(1), "auto", false)
	f.Add("u", "p", "a", "b", "f", "0::", "tcp", "host", "", uint32(1<<31), uint16(1), "", false)
	f.Add("u", "p", "a", "b", "f", "sfu.example.org", "TCP", "relay", "so", uint32(0), uint16(0), "", true)
	f.Fuzz(func(t *testing.T, fragment, password, algorithm, print, foundation, address, protocol, kind, tcpType string,
		priority uint32, port uint16, role string, channels bool,
	) {
		r := Remote{
			ICE: ICEParameters{fragment, password, channels}, Fingerprints: []Fingerprint{{algorithm, print}}, Role: role,
			Candidates: []Candidate{{foundation, address, protocol, kind, tcpType, priority, port}}, SCTP: &SCTPParameters{port, uint64(priority)},
		}
		if r.Check() != nil {
			return
		}
		lines := r.CandidateLines()
		offeredBy(lines)
		if alias, ok := aliasOf(lines[0]); ok {
			if again, err := ice.UnmarshalCandidate(alias(7)); err == nil && again.Type() != ice.CandidateTypeServerReflexive {
				t.Errorf("%s is of type %v", alias(7), again.Type())
			}
		}
		if read, err := ice.UnmarshalCandidate(lines[0]); err == nil {
			if want, err := netip.ParseAddr(address); err == nil && want.Zone() == "" {
				if got, err := netip.ParseAddr(read.Address()); err != nil || got.Unmap() != want.Unmap() {
					t.Errorf("%s has address %s", lines[0], read.Address())
				}
			}
			if read.Port() != int(port) || read.Priority() != priority && priority != 0 {
				t.Errorf("%s has port %d and priority %d", lines[0], read.Port(), read.Priority())
			}
		}
		parsed, err := (&webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: r.Answer(channels)}).Unmarshal()
		if err != nil {
			return
		}
		sections := 1
		if channels {
			sections = 2
		}
		if len(parsed.MediaDescriptions) != sections {
			t.Fatalf("%d sections in %q", len(parsed.MediaDescriptions), r.Answer(channels))
		}
		for _, section := range parsed.MediaDescriptions {
			if got, _ := section.Attribute("ice-pwd"); got != password {
				t.Errorf("the password %q became %q", password, got)
			}
		}
	})
}

// A failure of an ICE server is told of one of the app's URLs, or of none.
func FuzzICEServerURLs(f *testing.F) {
	f.Add("turn:192.0.2.1:3478?transport=tcp", "turns:turn.example.org", "192.0.2.1:3478")
	f.Add("stun:[2001:db8::1]", "stuns:a:-1", "turn:b?transport=x")
	f.Fuzz(func(t *testing.T, one, other, hint string) {
		n := &Network{}
		n.SetServers([]ICEServer{{URLs: []string{one}}, {URLs: []string{other}}})
		failures := gatheringFailures{
			servers: func() []ICEServer { return []ICEServer{{URLs: []string{one, other}}} },
			tell: func(url string, code int, _ string) {
				if url != one && url != other || code <= 0 {
					t.Errorf("%d of %q", code, url)
				}
			},
		}
		failures.note(errors.New("no answer"), []any{hint})
	})
}

// What comes over a connection of ICE-TCP is cut as its lengths say, and nothing longer than a packet is kept.
func FuzzTCPPackets(f *testing.F) {
	f.Add([]byte{0, 3, 1, 2, 3, 0, 0, 0, 1, 9})
	f.Add([]byte{0xff, 0xff, 1, 2})
	f.Add(append([]byte{6, 65}, bytes.Repeat([]byte{1}, 1700)...))
	f.Fuzz(func(t *testing.T, stream []byte) {
		ctx, cancel := context.WithCancel(t.Context())
		socket := &tcpSocket{packets: make(chan tcpPacket)}
		link := &tcpLink{socket: socket, ctx: ctx, cancel: cancel}
		ended := make(chan error, 1)
		go func() { ended <- link.read(bufio.NewReaderSize(bytes.NewReader(stream), 64)) }()
		var got []byte
		for {
			select {
			case p := <-socket.packets:
				got = binary.BigEndian.AppendUint16(got, uint16(p.size))
				got = append(got, p.data[:p.size]...)
				packetPool.Put(p.data)

				continue
			case err := <-ended:
				if !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
					t.Error(err)
				}
			}

			break
		}
		cancel()
		if want := whole(stream); !bytes.Equal(got, want) {
			t.Errorf("% x, want % x", got, want)
		}
	})
}

// whole are the packets of a stream that are short enough, with their lengths.
func whole(stream []byte) []byte {
	var packets []byte
	for len(stream) >= 2 {
		size := 2 + int(binary.BigEndian.Uint16(stream))
		if size > len(stream) {
			break
		}
		if size <= 2+rtpwire.MTU {
			packets = append(packets, stream[:size]...)
		}
		stream = stream[size:]
	}

	return packets
}
