package connectivity

import (
	"fmt"

	"github.com/pion/dtls/v3"
)

// DefaultSRTPProfiles are offered, the preferred first.
func DefaultSRTPProfiles() []string {
	return []string{"SRTP_AEAD_AES_128_GCM", "SRTP_AEAD_AES_256_GCM", "SRTP_AES128_CM_HMAC_SHA1_80"}
}

// srtpProfiles are those of the names that IANA's registry has (RFC 5764 section 4.1.2,
// RFC 7714 section 14.2). pion's others carry no media here.
func srtpProfiles(names []string) ([]dtls.SRTPProtectionProfile, error) {
	profiles := make([]dtls.SRTPProtectionProfile, len(names))
	for i, name := range names {
		switch name {
		case "SRTP_AEAD_AES_128_GCM":
			profiles[i] = dtls.SRTP_AEAD_AES_128_GCM
		case "SRTP_AEAD_AES_256_GCM":
			profiles[i] = dtls.SRTP_AEAD_AES_256_GCM
		case "SRTP_AES128_CM_HMAC_SHA1_80":
			profiles[i] = dtls.SRTP_AES128_CM_HMAC_SHA1_80
		default:
			return nil, fmt.Errorf("%q is no SRTP protection profile", name)
		}
	}

	return profiles, nil
}
