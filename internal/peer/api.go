package peer

import (
	"fmt"

	"github.com/pion/interceptor"
	"github.com/pion/interceptor/pkg/nack"
	"github.com/pion/interceptor/pkg/twcc"
	"github.com/pion/webrtc/v4"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/connectivity"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/feedback"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/guarded"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/sending"
)

const (
	// maxReceiveMessageSize is mediasoup's own default limit of an SCTP message.
	maxReceiveMessageSize = 262144
	// sctpReceiveBuffer is SCTP's window: what may wait for a reader that is behind.
	sctpReceiveBuffer = 4 << 20
)

// newAPI makes pion's parts of one peer. Its interceptors are none of pion's matter:
// they stand between the peer's own streams and SRTP (newInterceptors).
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
		LoggerFactory: o.LoggerFactory, Guard: o.Guard, Loopback: o.Loopback, ExcludedInterfaces: o.ExcludedInterfaces,
		Relayed: o.ICETransportPolicy == "relay", Lite: o.lite, SRTPProfiles: o.SRTPProfiles,
	}, network, agreed)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalidArgument, err)
	}
	settings.SetSCTPMaxReceiveBufferSize(sctpReceiveBuffer)
	settings.SetSCTPMaxMessageSize(maxReceiveMessageSize)
	settings.DetachDataChannels()
	settings.BufferFactory = streams.end

	return webrtc.NewAPI(
		webrtc.WithMediaEngine(engine),
		webrtc.WithInterceptorRegistry(&interceptor.Registry{}),
		webrtc.WithSettingEngine(settings),
	), nil
}

// newInterceptors are what RTP passes between the streams of a peer and SRTP:
// counts sees its packets, side sends them, and missing asks for those that it misses.
func newInterceptors(o Options, counts *sending.Counter, side *sending.Control, missing *feedback.NACKs) (interceptor.Interceptor, error) {
	logs := o.LoggerFactory
	responder, err := nack.NewResponderInterceptor(nack.WithResponderLoggerFactory(logs))
	if err != nil {
		return nil, fmt.Errorf("NACK responder: %w", err)
	}
	acknowledging, err := twcc.NewSenderInterceptor(twcc.WithLoggerFactory(logs))
	if err != nil {
		return nil, fmt.Errorf("transport-wide feedback: %w", err)
	}
	registry := &interceptor.Registry{}
	// An interceptor sees what those behind it in the list write: counts has to see
	// what is sent again, and the NACKs; so has side, after which nothing waits. What
	// pion's own write passes the first guards, what pion itself reads the last.
	for _, factory := range []interceptor.Factory{
		counts, side, &sending.RepairedRid{}, guarded.Interceptor(o.Guard),
		responder, missing,
		feedback.Lazy(acknowledging),
		guarded.Interceptor(o.Guard),
	} {
		registry.Add(factory)
	}
	chain, err := registry.Build("")
	if err != nil {
		return nil, fmt.Errorf("interceptors: %w", err)
	}

	return chain, nil
}
