package peer

import (
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/detour"
)

// EncodedStreams has the frames of the track go through the app from now on: who reads the track gets what comes back.
// They are read from here on, also where nobody reads the track. news says that there are some for who found none. It
// is called once.
func (r *Receiver) EncodedStreams(news func()) (*EncodedStreams, error) {
	if r.life.Ended() {
		return nil, ErrClosed
	}
	t := r.track
	way, err := t.encoded.take(detour.Options{
		Kind: t.kind, News: news, Start: r.peer.start,
		Keyframe: func(int) { (*remoteUpstream)(t).RequestKeyframe() },
		Deliver:  func(_ int, frame *media.EncodedFrame) { t.fanout.Write(frame) },
	})
	if err != nil {
		return nil, err
	}
	r.startReading()
	(*remoteUpstream)(t).RequestKeyframe()

	return way, nil
}

// isRead says that frames go to somebody.
func (t *RemoteTrack) isRead() bool { return t.fanout.Len() > 0 || t.encoded.way.Load() != nil }

// pass gives a frame to who reads the track, or to the app before them.
func (t *RemoteTrack) pass(frame *media.EncodedFrame) {
	way := t.encoded.way.Load()
	if way == nil {
		t.fanout.Write(frame)

		return
	}
	about := detour.About{SSRC: t.receiver.options.Stream.SSRC, PayloadType: t.receiver.options.PayloadType}
	if frame.Received != nil {
		about.Timestamp = frame.Received.Timestamp
	}
	if frame.Keyframe && t.kind == media.Video {
		about.Width, about.Height = t.receiver.arrivals.Size()
	}
	way.Send(0, frame, about)
}
