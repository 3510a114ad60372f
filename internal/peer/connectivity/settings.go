package connectivity

import (
	"cmp"
	"context"
	"net"
	"slices"
	"strconv"
	"time"

	"github.com/pion/dtls/v3/pkg/protocol/handshake"
	"github.com/pion/ice/v4"
	"github.com/pion/logging"
	"github.com/pion/stun/v4"
	"github.com/pion/webrtc/v4"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/guarded"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/rtpwire"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/recovery"
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

// handshakeLimit is for how long DTLS tries. A server that has refused the handshake need not say so again where its alert
// was lost, and answers ICE still; in libwebrtc, DTLS fails after a number of repetitions.
const handshakeLimit = time.Minute

// checkLimit is how often a pair is tried, each 200 ms: for as long as ICE goes on. By
// itself pion gives up after seven, in which a network may not come back.
const checkLimit = uint16((disconnectedTimeout + failedTimeout) / (200 * time.Millisecond))

// Options are those of a connection that the network and DTLS are of.
type Options struct {
	// LoggerFactory receives pion's log.
	LoggerFactory logging.LoggerFactory
	// Owner is the context of who is told of panics in what pion calls.
	Owner context.Context //nolint:containedctx // says whose it is
	// Loopback gathers loopback candidates too; ExcludedInterfaces are names of those without candidates.
	Loopback           bool
	ExcludedInterfaces []string
	// Relayed says that there is no other way than relayed ones.
	Relayed bool
	// Lite makes it only answer in ICE.
	Lite bool
	// Asked is told where questions of ICE come from.
	Asked func(from string)
	// SRTPProfiles are offered, by their IANA names, the preferred first.
	SRTPProfiles []string
	// HandshakeLimit is for how long DTLS tries; 0 is a minute.
	HandshakeLimit time.Duration
}

// NewSettings are what pion needs to know of the network and of DTLS.
func NewSettings(o Options, network *Network, agreed *Handshakes) (webrtc.SettingEngine, error) {
	profiles, err := srtpProfiles(o.SRTPProfiles)
	if err != nil {
		return webrtc.SettingEngine{}, err
	}
	settings := webrtc.SettingEngine{LoggerFactory: o.LoggerFactory}
	settings.SetNet(guarded.Network(network, o.Owner))
	settings.SetICETCPMux(guarded.TCP(activeTCP{network}, o.Owner))
	settings.DisableActiveTCP(true)
	settings.SetICEProxyDialer(guarded.Dialer(turnDialer{network}, o.Owner))
	settings.SetICEBindingRequestHandler(func(_ *stun.Message, _, remote ice.Candidate, _ *ice.CandidatePair) bool {
		recovery.Run(o.Owner, "a question of ICE", func() { o.Asked(net.JoinHostPort(remote.Address(), strconv.Itoa(remote.Port()))) })

		return false
	})
	settings.SetICEMaxBindingRequests(checkLimit)
	settings.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	settings.SetIncludeLoopbackCandidate(o.Loopback)
	if len(o.ExcludedInterfaces) > 0 {
		settings.SetInterfaceFilter(func(name string) (wanted bool) {
			recovery.Run(o.Owner, "the name of an interface", func() { wanted = !slices.Contains(o.ExcludedInterfaces, name) })

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
	if o.Relayed {
		settings.SetRelayAcceptanceMinWait(0)
	}
	settings.SetLite(o.Lite)
	settings.SetReceiveMTU(rtpwire.MTU)
	settings.SetSRTPProtectionProfiles(profiles...)
	settings.SetDTLSRetransmissionInterval(handshakeInterval)
	settings.SetDTLSConnectContextMaker(func() (context.Context, func()) {
		return context.WithTimeout(context.Background(), cmp.Or(o.HandshakeLimit, handshakeLimit))
	})
	settings.SetDTLSServerHelloMessageHook(func(hello handshake.MessageServerHello) (said handshake.Message) {
		said = &hello
		recovery.Run(o.Owner, "a hello of DTLS", func() { said = agreed.sayHello(hello) })

		return said
	})

	return settings, nil
}
