package peer

import (
	"cmp"
	"fmt"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/webrtc/v4"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/connectivity"
)

const (
	// maxReceiveMessageSize is mediasoup's own default limit of an SCTP message.
	maxReceiveMessageSize = 262144
	// sctpReceiveBuffer is SCTP's window: what may wait for a reader that is behind.
	sctpReceiveBuffer = 4 << 20
	// sctpLongestWait is between two tries to send what was not acknowledged: after an outage messages come that soon. With
	// twice as long each time, as RFC 9260 has it, they came half as long after it as it took. libwebrtc has 3 s; a handshake
	// of pion is tried 9 times, which is 37 s, more than ICE takes to fail.
	sctpLongestWait = 5 * time.Second
)

// newAPI makes pion's parts of one peer. Its interceptors are none of pion's matter:
// they see what comes for the peer's own streams.
func newAPI(o Options, network *connectivity.Network, agreed *connectivity.Handshakes, streams *demux) (*webrtc.API, error) {
	engine := &webrtc.MediaEngine{}
	idle := webrtc.RTPCodecParameters{
		RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypePCMU, ClockRate: 8000},
		PayloadType:        connectivity.IdlePayloadType,
	}
	if err := engine.RegisterCodec(idle, webrtc.RTPCodecTypeAudio); err != nil {
		return nil, fmt.Errorf("registering a codec: %w", err)
	}

	settings, err := connectivity.NewSettings(connectivity.Options{
		LoggerFactory: o.LoggerFactory, Owner: o.Owner, Loopback: o.Loopback, ExcludedInterfaces: o.ExcludedInterfaces,
		Relayed: o.ICETransportPolicy == "relay", Lite: o.lite, SRTPProfiles: o.SRTPProfiles,
		Asked: streams.strangers.address, HandshakeLimit: o.handshakeLimit,
	}, network, agreed)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalidArgument, err)
	}
	settings.SetSCTPMaxReceiveBufferSize(sctpReceiveBuffer)
	settings.SetSCTPMaxMessageSize(maxReceiveMessageSize)
	settings.SetSCTPRTOMax(cmp.Or(o.sctpWait, sctpLongestWait))
	settings.DetachDataChannels()
	settings.BufferFactory = streams.end

	return webrtc.NewAPI(
		webrtc.WithMediaEngine(engine),
		webrtc.WithInterceptorRegistry(&interceptor.Registry{}),
		webrtc.WithSettingEngine(settings),
	), nil
}
