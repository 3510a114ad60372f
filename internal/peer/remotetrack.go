package peer

import (
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/pion/rtp"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/jitter"
)

// RemoteTrack is what a Receiver receives. It is a media.Track: it can be sent
// on, in its own codec, or read by a sink. While nobody is attached, packets
// are not even parsed.
type RemoteTrack struct {
	id       string
	kind     media.Kind
	codec    media.Codec
	receiver *Receiver
	life     media.Life
	fanout   *media.Fanout
	keys     media.KeyframeRequests
	// wanted is set until the keyframe that was asked for has come.
	wanted atomic.Bool

	// assembler belongs to the reading goroutine; stale makes it begin anew.
	assembler *jitter.Assembler
	stale     atomic.Bool

	frames, keyframes atomic.Uint64
	counts            jitter.Counts
	// read says that somebody has been attached.
	read    atomic.Bool
	encoded detoured
}

func newRemoteTrack(r *Receiver) *RemoteTrack {
	t := &RemoteTrack{id: uuid.NewString(), kind: r.options.Kind, codec: r.options.Codec, receiver: r}
	t.fanout = media.NewFanout(t.kind, (*remoteUpstream)(t))

	return t
}

// ID implements media.Track.
func (t *RemoteTrack) ID() string { return t.id }

// Kind implements media.Track.
func (t *RemoteTrack) Kind() media.Kind { return t.kind }

// Codec is what the server sends.
func (t *RemoteTrack) Codec() media.Codec { return t.codec }

// SenderReport implements media.Reported: a server has one clock for all that it sends to a peer.
func (t *RemoteTrack) SenderReport() media.SenderReport {
	last := t.receiver.reports.Read()

	return media.SenderReport{Clock: t.receiver.peer, At: last.At, Timestamp: last.Timestamp, Number: last.Reports}
}

// Incomplete is how many pictures were left out: they were not whole, or need one that was not.
func (t *RemoteTrack) Incomplete() uint64 {
	if t.kind != media.Video {
		return 0
	}

	return t.counts.Read().Dropped
}

// CheckCodec fails with media.ErrCodecUnavailable unless codec is the track's own,
// and for several encodings: there is one.
func (t *RemoteTrack) CheckCodec(codec media.Codec, settings media.EncodingSettings) error {
	if settings.Simulcast {
		return fmt.Errorf("%w: a received track is sent on as it is, not in several encodings",
			media.ErrCodecUnavailable)
	}
	if strings.EqualFold(codec.MimeType, t.codec.MimeType) {
		return nil
	}

	return fmt.Errorf("%w: a received track is sent on as it is, in %s; %s was negotiated"+
		" (name the codec: transport.produce({ track, codec }))", media.ErrCodecUnavailable, t.codec.MimeType, codec.MimeType)
}

// Attach implements media.Track.
func (t *RemoteTrack) Attach(codec media.Codec, settings media.EncodingSettings, sink media.Sink) (media.Feed, error) {
	if err := t.CheckCodec(codec, settings); err != nil {
		return nil, err
	}
	if t.life.Ended() {
		return nil, media.ErrTrackEnded
	}

	t.receiver.startReading()

	return t.fanout.Add(&t.life, sink), nil
}

// AttachReader implements media.CodedTrack.
func (t *RemoteTrack) AttachReader(sink media.Sink) (media.Feed, error) {
	if t.life.Ended() {
		return nil, media.ErrTrackEnded
	}
	t.receiver.startReading()

	// A life of its own is never disabled.
	return t.fanout.Add(&media.Life{}, sink), nil
}

// Enabled implements media.CodedTrack.
func (t *RemoteTrack) Enabled() bool { return t.life.Enabled() }

// SetEnabled implements media.Track.
func (t *RemoteTrack) SetEnabled(enabled bool) {
	if t.life.Enable(enabled) && enabled {
		(*remoteUpstream)(t).RequestKeyframe()
	}
}

// OnEnded implements media.Track.
func (t *RemoteTrack) OnEnded(f func(reason error)) { t.life.OnEnded(f) }

// Stop implements media.Track. The receiver goes on counting.
func (t *RemoteTrack) Stop() { t.life.End(nil) }

// resumed is called when packets were left out on purpose.
func (t *RemoteTrack) resumed() {
	t.stale.Store(true)
	if t.isRead() {
		(*remoteUpstream)(t).RequestKeyframe()
	}
}

// take gets packets on the reading goroutine.
func (t *RemoteTrack) take(raw []byte, now time.Time) {
	if !t.isRead() || t.life.Ended() {
		t.assembler = nil

		return
	}
	packet := &rtp.Packet{}
	// The buffer is used again for the next packet.
	if err := packet.Unmarshal(append([]byte(nil), raw...)); err != nil {
		return
	}
	if t.assembler == nil || t.stale.Swap(false) {
		assembler, err := jitter.NewAssembler(t.codec, t.receiver.patience(), &t.counts)
		if err != nil {
			return
		}
		assembler.Join()
		assembler.Continue(t.assembler)
		t.assembler = assembler
		t.read.Store(true)
	}
	t.assembler.Push(packet, now, t.deliver)
	t.repair(now)
}

// wake is when expire is to be called, on the reading goroutine; zero is never.
func (t *RemoteTrack) wake(now time.Time) time.Time {
	if t.assembler == nil || t.stale.Load() {
		return time.Time{}
	}

	return t.assembler.Deadline(now)
}

// expire goes on without what was waited for too long.
func (t *RemoteTrack) expire(now time.Time) {
	if t.assembler == nil || t.stale.Load() {
		return
	}
	t.assembler.Drain(now, t.deliver)
	t.repair(now)
}

// repair asks for a keyframe until one has come: a request, or its keyframe, may
// get lost.
func (t *RemoteTrack) repair(now time.Time) {
	if t.assembler.IsBroken() || t.wanted.Load() {
		t.keys.Add()
	}
	t.requestIfDue(now)
}

func (t *RemoteTrack) deliver(frame *media.EncodedFrame) {
	t.frames.Add(1)
	if frame.Keyframe {
		t.keyframes.Add(1)
		t.wanted.Store(false)
	}
	t.pass(frame)
}

func (t *RemoteTrack) requestIfDue(now time.Time) {
	if t.keys.Due(now) {
		t.keys.Made(now)
		t.receiver.requestKeyframe()
	}
}

// remoteUpstream is RemoteTrack as media.Upstream.
type remoteUpstream RemoteTrack

func (u *remoteUpstream) RequestKeyframe() {
	if u.kind != media.Video {
		return
	}
	u.wanted.Store(true)
	u.keys.Add()
	(*RemoteTrack)(u).requestIfDue(time.Now())
}

// SetTargetBitrate does nothing: the sender at the far end is not ours.
func (u *remoteUpstream) SetTargetBitrate(int) {}

func (u *remoteUpstream) Stats() media.FeedStats {
	return media.FeedStats{
		FramesEncoded: u.frames.Load(), KeyframesEncoded: u.keyframes.Load(), Encoder: "passthrough",
	}
}

func (u *remoteUpstream) FeedClosed() {}
