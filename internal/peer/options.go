package peer

import (
	"context"
	"time"

	"github.com/pion/logging"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/connectivity"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/recovery"
)

// Options configures a Peer. With the zero value it connects to host
// candidates only, loopback excluded.
type Options struct {
	ICEServers []ICEServer
	// ICETransportPolicy is "all" (or empty) or "relay".
	ICETransportPolicy string
	// Loopback gathers loopback candidates too.
	Loopback bool
	// GatherEarly gathers candidates before there is a description.
	GatherEarly bool
	// ExcludedInterfaces are names of network interfaces without candidates.
	ExcludedInterfaces []string
	// SRTPProfiles are offered, by their IANA names, the preferred first; empty offers defaults.
	SRTPProfiles []string
	// Secrets learns the passwords that LoggerFactory is to hide; nil is nobody.
	Secrets *Secrets
	// LoggerFactory receives pion's log; nil is silent.
	LoggerFactory logging.LoggerFactory
	// Owner is the context of who is told of panics in what pion calls; nil prints them.
	Owner context.Context //nolint:containedctx // says whose the peer is
	// Go starts a goroutine of Owner's, and calls finally when it is over or never runs; nil has it end by itself.
	Go func(name string, f func(ctx context.Context), finally func())
	// Observer is told of changes; nil tells nobody.
	Observer Observer

	// lite makes it only answer in ICE: it stands for a server then, in tests.
	lite bool
	// handshakeLimit is for how long DTLS tries, in tests; 0 is connectivity's.
	handshakeLimit time.Duration
	// sctpWait is between two tries of SCTP at the most, in tests; 0 is sctpLongestWait.
	sctpWait time.Duration
}

// Observer learns of changes of a Peer. It must not block nor call the Peer back.
type Observer interface {
	// ConnectionState has W3C's RTCPeerConnectionState.
	ConnectionState(state string)
	// ICEGatheringState has W3C's RTCIceGatheringState.
	ICEGatheringState(state string)
	// ICECandidateError has the fields of W3C's RTCPeerConnectionIceErrorEvent.
	ICECandidateError(url string, code int, text string)
}

type silentObserver struct{}

func (silentObserver) ConnectionState(string)                {}
func (silentObserver) ICEGatheringState(string)              {}
func (silentObserver) ICECandidateError(string, int, string) {}

func (o Options) withDefaults() Options {
	if o.LoggerFactory == nil {
		o.LoggerFactory = &logging.DefaultLoggerFactory{DefaultLogLevel: logging.LogLevelDisabled}
	}
	if o.Owner == nil {
		o.Owner = context.Background()
	}
	if o.Go == nil {
		owner := o.Owner
		o.Go = func(name string, f func(ctx context.Context), finally func()) {
			recovery.GoThen(owner, name, func() { f(owner) }, finally)
		}
	}
	if len(o.SRTPProfiles) == 0 {
		o.SRTPProfiles = connectivity.DefaultSRTPProfiles()
	}
	if o.Observer == nil {
		o.Observer = silentObserver{}
	}
	if o.Secrets == nil {
		o.Secrets = &Secrets{}
	}

	return o
}
