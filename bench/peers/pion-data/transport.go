package main

import (
	"fmt"
	"net"
	"strings"

	"github.com/pion/ice/v4"
	"github.com/pion/webrtc/v4"
)

const streamID = 1

// transport is one of the server's WebRTC transports, connected through pion's ORTC API.
type transport struct {
	id   string
	api  *webrtc.API
	sctp *webrtc.SCTPTransport
}

type transportOptions struct {
	ID            string               `json:"id"`
	ICEParameters webrtc.ICEParameters `json:"iceParameters"`
	ICECandidates []struct {
		Foundation string `json:"foundation"`
		Priority   uint32 `json:"priority"`
		Address    string `json:"address"`
		Port       uint16 `json:"port"`
	} `json:"iceCandidates"`
	DTLSParameters struct {
		Fingerprints []webrtc.DTLSFingerprint `json:"fingerprints"`
	} `json:"dtlsParameters"`
	SCTPParameters struct {
		MaxMessageSize uint32 `json:"maxMessageSize"`
	} `json:"sctpParameters"`
}

// connect makes a transport on the server and connects to it: ICE, DTLS as the client, SCTP.
func connect(s *server) (*transport, error) {
	var options transportOptions
	if err := s.request("createTransport", map[string]any{}, &options); err != nil {
		return nil, err
	}

	engine := webrtc.SettingEngine{}
	engine.SetIncludeLoopbackCandidate(true)
	engine.SetIPFilter(net.IP.IsLoopback)
	engine.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	api := webrtc.NewAPI(webrtc.WithSettingEngine(engine))

	iceTransport, err := startICE(api, options)
	if err != nil {
		return nil, err
	}
	dtls, err := api.NewDTLSTransport(iceTransport, nil)
	if err != nil {
		return nil, fmt.Errorf("make DTLS: %w", err)
	}
	local, err := dtls.GetLocalParameters()
	if err != nil {
		return nil, fmt.Errorf("read fingerprints: %w", err)
	}
	own := local.Fingerprints[0]
	// The server compares letter by letter, with those that SDP has (RFC 8122 5).
	own.Value = strings.ToUpper(own.Value)
	if err := s.request("connectTransport", map[string]any{
		"transportId": options.ID,
		"dtlsParameters": map[string]any{
			"role":         "client",
			"fingerprints": []webrtc.DTLSFingerprint{own},
		},
	}, nil); err != nil {
		return nil, err
	}
	// pion compares with the one fingerprint whose hash it knows.
	remote := webrtc.DTLSParameters{Role: webrtc.DTLSRoleServer}
	for _, fingerprint := range options.DTLSParameters.Fingerprints {
		if fingerprint.Algorithm == "sha-256" {
			remote.Fingerprints = append(remote.Fingerprints, fingerprint)
		}
	}
	if err := dtls.Start(remote); err != nil {
		return nil, fmt.Errorf("start DTLS: %w", err)
	}
	sctp := api.NewSCTPTransport(dtls)
	capabilities := webrtc.SCTPCapabilities{MaxMessageSize: options.SCTPParameters.MaxMessageSize}
	if err := sctp.Start(capabilities); err != nil {
		return nil, fmt.Errorf("start SCTP: %w", err)
	}
	return &transport{options.ID, api, sctp}, nil
}

func startICE(api *webrtc.API, options transportOptions) (*webrtc.ICETransport, error) {
	gatherer, err := api.NewICEGatherer(webrtc.ICEGatherOptions{})
	if err != nil {
		return nil, fmt.Errorf("make ICE gatherer: %w", err)
	}
	gathered := make(chan struct{})
	gatherer.OnLocalCandidate(func(candidate *webrtc.ICECandidate) {
		if candidate == nil {
			close(gathered)
		}
	})
	if err := gatherer.Gather(); err != nil {
		return nil, fmt.Errorf("gather: %w", err)
	}
	<-gathered

	iceTransport := api.NewICETransport(gatherer)
	for _, candidate := range options.ICECandidates {
		if err := iceTransport.AddRemoteCandidate(&webrtc.ICECandidate{
			Foundation: candidate.Foundation,
			Priority:   candidate.Priority,
			Address:    candidate.Address,
			Protocol:   webrtc.ICEProtocolUDP,
			Port:       candidate.Port,
			Component:  1,
			Typ:        webrtc.ICECandidateTypeHost,
		}); err != nil {
			return nil, fmt.Errorf("add candidate: %w", err)
		}
	}
	// The server is ICE-lite (RFC 8445 2.5): this side controls.
	role := webrtc.ICERoleControlling
	if err := iceTransport.Start(nil, options.ICEParameters, &role); err != nil {
		return nil, fmt.Errorf("start ICE: %w", err)
	}
	return iceTransport, nil
}

func (t *transport) produceData(s *server) (*webrtc.DataChannel, string, error) {
	channel, err := t.channel(streamID)
	if err != nil {
		return nil, "", err
	}
	var answer struct {
		ID string `json:"id"`
	}
	err = s.request("produceData", map[string]any{
		"transportId":          t.id,
		"sctpStreamParameters": map[string]any{"streamId": streamID, "ordered": true},
	}, &answer)
	return channel, answer.ID, err
}

func (t *transport) consumeData(s *server, producerID string) (*webrtc.DataChannel, error) {
	var answer struct {
		SCTPStreamParameters struct {
			StreamID uint16 `json:"streamId"`
		} `json:"sctpStreamParameters"`
	}
	if err := s.request("consumeData", map[string]any{
		"transportId":    t.id,
		"dataProducerId": producerID,
	}, &answer); err != nil {
		return nil, err
	}
	return t.channel(answer.SCTPStreamParameters.StreamID)
}

func (t *transport) channel(id uint16) (*webrtc.DataChannel, error) {
	channel, err := t.api.NewDataChannel(t.sctp, &webrtc.DataChannelParameters{
		ID:         &id,
		Ordered:    true,
		Negotiated: true,
	})
	if err != nil {
		return nil, fmt.Errorf("open channel %d: %w", id, err)
	}
	return channel, nil
}
