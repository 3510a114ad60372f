package peer

import (
	"errors"
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/connectivity"
)

func TestEachSRTPProfileCarriesMedia(t *testing.T) {
	for _, profile := range []string{
		"SRTP_AEAD_AES_256_GCM", "SRTP_AEAD_AES_128_GCM", "SRTP_AES128_CM_HMAC_SHA1_80",
	} {
		t.Run(profile, func(t *testing.T) {
			a := newTestPeerWith(t, Options{Loopback: true, SRTPProfiles: []string{profile}})
			b := newTestServer(t)
			track := newFakeTrack(media.Audio)
			sender := add(t, a, track)
			negotiate(t, a, b)
			_, sound, _ := receive(t, b, sender.Mid())
			var pts time.Duration
			eventually(t, "sound", func() bool {
				track.write(&media.EncodedFrame{Data: []byte{1, 2, 3}, PTS: pts, Duration: 20 * time.Millisecond})
				pts += 20 * time.Millisecond

				return sound.len() > 3
			})
			// One is the client of DTLS, the other the server: both know.
			for _, p := range []*Peer{a, b} {
				cipher, _ := field(t, p.Stats(), "transport", "dtlsCipher").(string)
				if cipher != "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256" {
					t.Errorf("dtlsCipher %q", cipher)
				}
				if version := field(t, p.Stats(), "transport", "tlsVersion"); version != connectivity.TLSVersion {
					t.Errorf("tlsVersion %v", version)
				}
			}
		})
	}
}

func TestPeersWithoutACommonSRTPProfileFail(t *testing.T) {
	a := newTestPeerWith(t, Options{Loopback: true, SRTPProfiles: []string{"SRTP_AES128_CM_HMAC_SHA1_80"}})
	b := newTestPeerWith(t, Options{Loopback: true, lite: true, SRTPProfiles: []string{"SRTP_AEAD_AES_256_GCM"}})
	add(t, a, newFakeTrack(media.Audio))
	negotiate(t, a, b)
	eventually(t, "a failure", func() bool {
		state := a.State().ConnectionState

		return state == "failed" || state == "closed"
	})
}

func TestAnUnknownSRTPProfileIsRefused(t *testing.T) {
	if _, err := New(Options{SRTPProfiles: []string{"SRTP_NULL_HMAC_SHA1_80"}}); !errors.Is(err, ErrInvalidArgument) {
		t.Errorf("got %v", err)
	}
}
