package service

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/core"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/device"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/frames"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/wire"
)

// trackHandle is a track that JavaScript holds.
type trackHandle struct {
	media.Track
	worker *worker
	// leaving is set as soon as its end is asked for.
	leaving atomic.Bool
	readers readers
}

// Leave implements core.Leaver.
func (t *trackHandle) Leave() { t.leaving.Store(true) }

// WriteFrame implements core.FrameTarget, of a track whose frames JavaScript writes.
func (t *trackHandle) WriteFrame(f *frames.Frame) error {
	target, ok := t.Track.(core.FrameTarget)
	if !ok {
		return core.ErrInvalidState
	}

	return target.WriteFrame(f) //nolint:wrapcheck // its refusal
}

func registerTrack(r *core.Registry) {
	core.HandleOn(r, wire.TrackSetEnabled, func(_ *core.Call, t *trackHandle, p wire.TrackEnabled) (wire.Empty, error) {
		t.SetEnabled(p.Enabled)

		return wire.Empty{}, nil
	})
	core.HandleOn(r, wire.TrackStop, func(_ *core.Call, t *trackHandle, _ wire.Empty) (wire.Empty, error) {
		t.Stop()

		return wire.Empty{}, nil
	})
	core.Leaves[*trackHandle](r, wire.TrackStop)
	core.HandleOn(r, wire.TrackClone, cloneTrack)
	core.HandleOn(r, wire.TrackCheckCodecs, func(_ *core.Call, t *trackHandle, p wire.CodecQuery) (wire.CodecAnswer, error) {
		return checkCodecs(t.Track, p), nil
	})
}

// cloneTrack makes another track of the same source.
func cloneTrack(_ *core.Call, t *trackHandle, options wire.CloneOptions) (wire.OpenedTrack, error) {
	cloner, ok := t.Track.(media.Cloner)
	if !ok {
		return wire.OpenedTrack{}, &wire.Error{
			Name: "NotSupportedError", Code: wire.CodeNotSupported, Message: "track: there are no clones of it",
		}
	}
	clone, err := cloner.Clone(options.TrackID)
	if err != nil {
		return wire.OpenedTrack{}, refusal(err)
	}
	opened, err := t.worker.publish(clone)

	return opened, refusal(err)
}

// checkCodecs tells in which codecs a track can be sent: all, of one that doesn't say.
func checkCodecs(track media.Track, query wire.CodecQuery) wire.CodecAnswer {
	answer := wire.CodecAnswer{Reasons: make([]string, len(query.Codecs))}
	checker, ok := track.(media.CodecChecker)
	if !ok {
		return answer
	}
	settings := media.EncodingSettings{Simulcast: query.Simulcast}
	for i, c := range query.Codecs {
		if err := checker.CheckCodec(mediaCodec(c), settings); err != nil {
			answer.Reasons[i] = err.Error()
		}
	}

	return answer
}

// openSource gives tracks of a source handles. Once ctx has ended it leaves nothing open.
func openSource(ctx context.Context, w *worker, spec wire.SourceSpec) (wire.OpenedSource, error) {
	if !spec.Audio && !spec.Video {
		return wire.OpenedSource{}, invalidArgument("source: at least one of audio and video must be wanted")
	}
	opened, err := w.sources.Open(ctx, sourceSpec(spec), spec.Audio, spec.Video)
	if err != nil {
		return wire.OpenedSource{}, err
	}
	result := wire.OpenedSource{PlayerID: opened.PlayerID}
	for _, want := range []struct {
		track media.Track
		into  **wire.OpenedTrack
	}{{opened.Audio, &result.Audio}, {opened.Video, &result.Video}} {
		if want.track == nil {
			continue
		}
		track, err := w.publish(want.track)
		if err != nil {
			stopAll(opened.Audio, opened.Video)

			return wire.OpenedSource{}, err
		}
		*want.into = &track
	}

	return result, nil
}

func sourceSpec(spec wire.SourceSpec) source.Spec {
	var constraints device.Constraints
	for _, constraint := range spec.Constraints {
		constraints = append(constraints, device.Constraint(constraint))
	}

	return source.Spec{
		Type:        spec.Type,
		Value:       spec.Value,
		Format:      spec.Format,
		Options:     spec.Options,
		Loop:        spec.Loop,
		Decode:      spec.Decode,
		Hardware:    spec.Hardware,
		Constraints: constraints,
		Timeout:     time.Duration(spec.Timeout) * time.Millisecond,
		TrackID:     spec.TrackID,
	}
}

func stopAll(tracks ...media.Track) {
	for _, track := range tracks {
		if track != nil {
			track.Stop()
		}
	}
}

// lookupTrack resolves a track that a sender is to send; nil is no track.
func lookupTrack(env *core.Env, handle *uint64) (media.Track, error) {
	if handle == nil {
		return nil, nil //nolint:nilnil // no track is a valid thing to send
	}
	object, ok := env.Lookup(*handle)
	if ok {
		if t, isTrack := object.(*trackHandle); isTrack {
			return t.Track, nil
		}
	}

	return nil, &wire.Error{
		Name:    "InvalidStateError",
		Code:    wire.CodeStaleHandle,
		Message: "track: the track has ended, was stopped, or belongs to a closed Worker",
	}
}
