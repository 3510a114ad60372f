package peer

import "github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/connectivity"

// Remote is the server's half of a connection, and what it is of.
type (
	Remote         = connectivity.Remote
	ICEParameters  = connectivity.ICEParameters
	Candidate      = connectivity.Candidate
	Fingerprint    = connectivity.Fingerprint
	SCTPParameters = connectivity.SCTPParameters
)

// ICEServer is W3C's RTCIceServer with password credentials.
type ICEServer = connectivity.ICEServer
