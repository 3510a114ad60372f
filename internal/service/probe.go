package service

import (
	"context"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/wire"
)

func probeSource(ctx context.Context, w *worker, query wire.ProbeQuery) (wire.Probe, error) {
	codecs := make([]media.Codec, 0, len(query.Codecs))
	for _, one := range query.Codecs {
		codecs = append(codecs, mediaCodec(one))
	}
	probed, err := source.Probe(ctx, w.scope.Go, w.log.scoped("source"), sourceSpec(query.Source), codecs)
	if err != nil {
		return wire.Probe{}, err
	}
	told := wire.Probe{Container: probed.Format, Live: probed.Live, Streams: []wire.ProbedStream{}}
	if probed.Duration != av.NoTime {
		told.Duration = new(probed.Duration.Seconds())
	}
	for i := range probed.Streams {
		told.Streams = append(told.Streams, probedStream(&probed.Streams[i]))
	}

	return told, nil
}

func probedStream(s *source.ProbedStream) wire.ProbedStream {
	told := wire.ProbedStream{
		Index: s.Index, Kind: "other", Codec: s.Codec, Profile: s.Profile, PixelFormat: s.PixelFormat,
		Width: s.Width, Height: s.Height, Framerate: s.Framerate, SampleRate: s.SampleRate, Channels: s.Channels,
		Bitrate: s.Bitrate, Rotation: s.Rotation, Played: s.Played, Decodable: s.Decodable,
		KeyframeInterval: s.KeyframeInterval.Seconds(), KeyframesKnown: s.KeyframesKnown, BFrames: s.Reordered,
		Ways: []wire.ProbedWay{},
	}
	if s.Kind != 0 {
		told.Kind = s.Kind.String()
	}
	for _, way := range s.Ways {
		told.Ways = append(told.Ways, wire.ProbedWay{Codec: wireCodec(way.Codec), Way: wayName(way), Reason: way.Reason})
	}

	return told
}

func wayName(way source.ProbedWay) string {
	switch {
	case way.Passes:
		return "passthrough"
	case way.Impossible:
		return "none"
	default:
		return "transcode"
	}
}

func wireCodec(c media.Codec) wire.Codec {
	return wire.Codec{MimeType: c.MimeType, ClockRate: c.ClockRate, Channels: c.Channels, Parameters: c.Parameters}
}

func mediaCodec(c wire.Codec) media.Codec {
	return media.Codec{MimeType: c.MimeType, ClockRate: c.ClockRate, Channels: c.Channels, Parameters: c.Parameters}
}
