package peer

import (
	"fmt"
	"slices"
	"time"

	"github.com/pion/dtls/v3/pkg/protocol/handshake"
	"github.com/pion/ice/v4"
	"github.com/pion/interceptor"
	"github.com/pion/interceptor/pkg/nack"
	"github.com/pion/interceptor/pkg/twcc"
	"github.com/pion/webrtc/v4"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/rtpwire"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/sending"
)

// Times after which a silent server is disconnected and failed: libwebrtc's.
const (
	disconnectedTimeout = 5 * time.Second
	failedTimeout       = 15 * time.Second
	keepAliveInterval   = 2 * time.Second
)

// relayWait is for how long a relayed way waits for a direct one. pion's own is
// 2 s; what is direct and works has answered long before.
const relayWait = 500 * time.Millisecond

// handshakeInterval is how long DTLS waits before it first repeats itself, then twice as
// long each time. RFC 9147 section 5.8.2 has 1 s, and less where sessions are sensitive
// to delay; libwebrtc begins with 50 ms.
const handshakeInterval = 100 * time.Millisecond

// checkLimit is how often a pair is tried, each 200 ms: for as long as ICE goes on. By
// itself pion gives up after seven, in which a network may not come back.
const checkLimit = uint16((disconnectedTimeout + failedTimeout) / (200 * time.Millisecond))

const (
	// maxReceiveMessageSize is mediasoup's own default limit of an SCTP message.
	maxReceiveMessageSize = 262144
	// sctpReceiveBuffer is SCTP's window: what may wait for a reader that is behind.
	sctpReceiveBuffer = 4 << 20
)

// idlePayloadType is of the section that is never used (negotiate).
const idlePayloadType = 0

// newAPI makes pion's parts of one peer. Its interceptors are none of pion's matter:
// they stand between the peer's own streams and SRTP (newInterceptors).
func newAPI(o Options, network *network, streams *demux) (*webrtc.API, error) {
	engine := &webrtc.MediaEngine{}
	idle := webrtc.RTPCodecParameters{
		RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypePCMU, ClockRate: 8000},
		PayloadType:        idlePayloadType,
	}
	if err := engine.RegisterCodec(idle, webrtc.RTPCodecTypeAudio); err != nil {
		return nil, fmt.Errorf("registering a codec: %w", err)
	}

	return webrtc.NewAPI(
		webrtc.WithMediaEngine(engine),
		webrtc.WithInterceptorRegistry(&interceptor.Registry{}),
		webrtc.WithSettingEngine(newSettings(o, network, streams)),
	), nil
}

// newInterceptors are what RTP passes between the streams of a peer and SRTP:
// counts sees its packets, side sends them, and missing asks for those that it misses.
func newInterceptors(o Options, counts *sending.Counter, side *sending.Control, missing *nacks) (interceptor.Interceptor, error) {
	logs := o.LoggerFactory
	responder, err := nack.NewResponderInterceptor(nack.WithResponderLoggerFactory(logs))
	if err != nil {
		return nil, fmt.Errorf("NACK responder: %w", err)
	}
	feedback, err := twcc.NewSenderInterceptor(twcc.WithLoggerFactory(logs))
	if err != nil {
		return nil, fmt.Errorf("transport-wide feedback: %w", err)
	}
	registry := &interceptor.Registry{}
	// An interceptor sees what those behind it in the list write: counts has to see
	// what is sent again, and the NACKs; so has side, after which nothing waits. What
	// pion's own write passes the first guards, what pion itself reads the last.
	for _, factory := range []interceptor.Factory{
		counts, side, &repairedRid{}, &guards{guard: o.Guard},
		responder, missing,
		lazyFactory{feedback},
		&guards{guard: o.Guard},
	} {
		registry.Add(factory)
	}
	chain, err := registry.Build("")
	if err != nil {
		return nil, fmt.Errorf("interceptors: %w", err)
	}

	return chain, nil
}

func newSettings(o Options, network *network, streams *demux) webrtc.SettingEngine {
	settings := webrtc.SettingEngine{LoggerFactory: o.LoggerFactory}
	settings.SetNet(guardedNetwork{network, o.Guard})
	settings.SetICETCPMux(guardedTCP{activeTCP{network}, o.Guard})
	settings.DisableActiveTCP(true)
	settings.SetICEProxyDialer(guardedDialer{turnDialer{network}, o.Guard})
	settings.SetICEMaxBindingRequests(checkLimit)
	settings.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	settings.SetIncludeLoopbackCandidate(o.Loopback)
	if len(o.ExcludedInterfaces) > 0 {
		settings.SetInterfaceFilter(func(name string) (wanted bool) {
			o.Guard(func() { wanted = !slices.Contains(o.ExcludedInterfaces, name) })

			return wanted
		})
	}
	settings.SetNetworkTypes([]webrtc.NetworkType{
		webrtc.NetworkTypeUDP4, webrtc.NetworkTypeUDP6, webrtc.NetworkTypeTCP4, webrtc.NetworkTypeTCP6,
	})
	settings.SetICETimeouts(disconnectedTimeout, failedTimeout, keepAliveInterval)
	settings.SetHostAcceptanceMinWait(0)
	// A direct way is worth waiting for, where there may be one.
	settings.SetRelayAcceptanceMinWait(relayWait)
	if o.ICETransportPolicy == "relay" {
		settings.SetRelayAcceptanceMinWait(0)
	}
	settings.SetLite(o.lite)
	settings.SetReceiveMTU(rtpwire.MTU)
	settings.SetSCTPMaxReceiveBufferSize(sctpReceiveBuffer)
	settings.SetSCTPMaxMessageSize(maxReceiveMessageSize)
	settings.SetSRTPProtectionProfiles(o.srtpProfiles...)
	settings.SetDTLSRetransmissionInterval(handshakeInterval)
	settings.SetDTLSServerHelloMessageHook(func(hello handshake.MessageServerHello) (said handshake.Message) {
		said = &hello
		o.Guard(func() { said = o.sayHello(hello) })

		return said
	})
	settings.DetachDataChannels()
	settings.BufferFactory = streams.end

	return settings
}
