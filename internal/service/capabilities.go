package service

import (
	"github.com/pion/interceptor"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/core"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/wire"
)

func capabilities(_ *core.Call, _ *worker, query wire.CapabilitiesQuery) (wire.Capabilities, error) {
	known, err := peer.NewCapabilities(query.Direction)
	if err != nil {
		return wire.Capabilities{}, refusal(err)
	}
	told := wire.Capabilities{}
	for _, c := range known.Codecs {
		told.Codecs = append(told.Codecs, wire.CodecCapability{
			Kind: c.Kind.String(), Codec: wireCodec(c.Codec), PayloadType: c.PayloadType, RTCPFeedback: wireFeedback(c.Feedback),
		})
	}
	for _, e := range known.Extensions {
		told.HeaderExtensions = append(told.HeaderExtensions,
			wire.ExtensionCapability{Kind: e.Kind.String(), URI: e.URI, ID: e.ID})
	}

	return told, nil
}

func wireFeedback(feedback []interceptor.RTCPFeedback) []wire.RTCPFeedback {
	told := make([]wire.RTCPFeedback, len(feedback))
	for i, f := range feedback {
		told[i] = wire.RTCPFeedback{Type: f.Type, Parameter: f.Parameter}
	}

	return told
}

// parametersOf are those of streams, as the core has them.
func parametersOf(given wire.RTPParameters) peer.Parameters {
	p := peer.Parameters{
		Mid: given.Mid, Codec: mediaCodec(given.Codec),
		PayloadType: given.PayloadType, RTXPayloadType: given.RTXPayloadType,
	}
	for _, e := range given.HeaderExtensions {
		p.Extensions = append(p.Extensions, interceptor.RTPHeaderExtension{URI: e.URI, ID: e.ID})
	}
	for _, f := range given.RTCPFeedback {
		p.Feedback = append(p.Feedback, interceptor.RTCPFeedback{Type: f.Type, Parameter: f.Parameter})
	}

	return p
}
