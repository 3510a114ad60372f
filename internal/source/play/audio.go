package play

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/container"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/engine"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/reading"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/sound"
)

// audioAhead is how many pieces wait decoded for their time.
const audioAhead = 5

// audioInput decodes the sound of a file to pieces of 20 ms.
type audioInput struct {
	reader *reading.Reader
	queue  *reading.Queue
	output engine.Output
	// decoder is nil before its first use: of what passes, there may be none.
	decoder   *av.AudioDecoder
	resampler *av.Resampler
	pieces    *sound.Pieces

	outcome
	// end is where what was decoded is over.
	end time.Duration
}

func newAudioInput(r *reading.Reader, stream *av.Stream) (*audioInput, error) {
	if err := r.Container().CheckBounds(stream); err != nil {
		return nil, err
	}
	if !stream.Decodable() {
		return nil, r.Container().DecoderError(stream, av.ErrNoDecoder)
	}
	return &audioInput{reader: r, queue: r.Add(stream), pieces: sound.New(0), outcome: outcome{kind: media.Audio}}, nil
}

func (a *audioInput) open() error {
	if a.decoder != nil {
		return nil
	}
	decoder, err := av.NewAudioDecoder(*a.queue.Stream())
	if err != nil {
		return a.reader.Container().DecoderError(a.queue.Stream(), err)
	}
	a.decoder = decoder
	return nil
}

func (a *audioInput) Kind() media.Kind { return media.Audio }

func (a *audioInput) Slack() time.Duration { return 0 }

func (a *audioInput) Passes() bool { return false }

func (a *audioInput) Wanted() bool { return a.output.Wanted(media.Audio) }

func (a *audioInput) Queue() *reading.Queue { return a.queue }

// Step does one piece of the work that there is, and reports whether there was.
func (a *audioInput) Step(position time.Duration) bool {
	if a.drained || a.pieces.Waiting() >= audioAhead {
		return false
	}
	if err := a.open(); err != nil {
		a.failure, a.drained = err, true
		return true
	}
	sound, err := a.decoder.Receive()
	switch {
	case errors.Is(err, av.ErrAgain):
		return a.feed(position)
	case errors.Is(err, io.EOF):
		a.drained = true
	case err != nil:
		a.fail(err)
	default:
		if err := a.take(sound, position); err != nil {
			a.fail(err)
		} else {
			a.made()
		}
	}
	return true
}

// feed gives the decoder its next packet.
func (a *audioInput) feed(position time.Duration) bool {
	packet, err := a.reader.Next(a.queue)
	switch {
	case errors.Is(err, container.ErrLater):
		return false
	case err != nil:
		if err := a.decoder.Send(nil); err != nil {
			a.drained = true
		}
		return true
	}
	if packet.Anew {
		a.Restart()
		a.Clear(position)
	}
	if err := a.decoder.Send(packet); err != nil {
		a.fail(err)
	}
	if a.undecoded.given(packet, true) {
		a.drained = true
	}
	packet.Release()
	return true
}

func (a *audioInput) take(heard *av.Sound, position time.Duration) error {
	if a.resampler == nil {
		a.pieces.SetChannels(sound.ChannelsFor(heard.Channels))
		a.resampler = av.NewResampler(sound.Rate, a.pieces.Channels())
		if a.reader.Container().Live() {
			a.pieces.Stretch()
		}
	}
	samples, err := a.resampler.Convert(heard)
	if err != nil {
		return err
	}
	// Demuxers count on the rate that the file began with.
	said := a.queue.Stream().SampleRate
	right := said <= 0 || said == heard.SampleRate
	a.pieces.Trust(right)
	start := av.NoTime
	// What is counted in samples of another rate is no time.
	if heard.PTS != av.NoTime && (right || a.decoded == 0 || !a.reader.Container().Demuxer().Counts()) {
		start = a.reader.Position(heard.PTS)
	}
	a.pieces.Add(samples, start, position)
	a.end = a.pieces.End()
	return nil
}

// Deliver hands out what is due.
func (a *audioInput) Deliver(_ context.Context, position time.Duration, _ time.Time) {
	for {
		next, ok := a.pieces.Next()
		if !ok || next > position {
			return
		}
		piece := a.pieces.Take()
		a.output.DeliverAudio(piece)
		a.pieces.Recycle(piece)
	}
}

func (a *audioInput) Late(position time.Duration) time.Duration {
	next, ok := a.pieces.Next()
	if !ok {
		return 0
	}
	return position - next
}

// Skip leaves out the pieces that end before position.
func (a *audioInput) Skip(position time.Duration) {
	for {
		next, ok := a.pieces.Next()
		if !ok || next+sound.PieceDuration >= position {
			return
		}
		a.pieces.Recycle(a.pieces.Take())
	}
}

// Upcoming is the position of the next delivery.
func (a *audioInput) Upcoming() (time.Duration, bool) { return a.pieces.Next() }

// Finished reports that all was delivered; what is less than a piece is then
// made one, with silence.
func (a *audioInput) Finished() bool {
	if a.drained && a.pieces.Complete() {
		a.end = a.pieces.End()
	}
	return a.drained && a.pieces.Waiting() == 0
}

func (a *audioInput) Ends() time.Duration { return a.end }

// Hold makes silence.
func (a *audioInput) Hold(position, end time.Duration) time.Duration {
	if a.pieces.Channels() == 0 {
		a.pieces.SetChannels(sound.ChannelsFor(max(a.queue.Stream().Channels, 1)))
	}
	return a.pieces.Silence(position, end)
}

// Restart forgets what the decoder holds, for packets from elsewhere in the file.
func (a *audioInput) Restart() {
	a.restart()
	if a.decoder != nil {
		a.decoder.Flush()
	}
}

// Clear forgets what was decoded, to begin anew at another position.
func (a *audioInput) Clear(position time.Duration) {
	a.pieces.Clear()
	a.end = position
}

func (a *audioInput) Close() {
	if a.decoder != nil {
		a.decoder.Close()
	}
	if a.resampler != nil {
		a.resampler.Close()
	}
}
