package source

import (
	"errors"
	"io"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/stretch"
)

// audioAhead is how many pieces wait decoded for their time.
const audioAhead = 5

// audioInput decodes the sound of a file to pieces of 20 ms.
type audioInput struct {
	reader *reader
	queue  *packetQueue
	// decoder is nil before its first use: of what passes, there may be none.
	decoder   *av.AudioDecoder
	resampler *av.Resampler
	pieces    pieces

	drained bool
	decoded int
	// end is where what was decoded is over.
	end time.Duration
	// failure is the last error of decoding.
	failure error
}

func newAudioInput(r *reader, stream *av.Stream) (*audioInput, error) {
	if err := r.container.checkBounds(stream); err != nil {
		return nil, err
	}
	if !stream.Decodable() {
		return nil, r.container.decoderError(stream, av.ErrNoDecoder)
	}
	return &audioInput{reader: r, queue: r.add(stream)}, nil
}

func (a *audioInput) open() error {
	if a.decoder != nil {
		return nil
	}
	decoder, err := av.NewAudioDecoder(*a.queue.stream)
	if err != nil {
		return a.reader.container.decoderError(a.queue.stream, err)
	}
	a.decoder = decoder
	return nil
}

func (a *audioInput) kind() media.Kind { return media.Audio }

func (a *audioInput) packets() *packetQueue { return a.queue }

// step does one piece of the work that there is, and reports whether there was.
func (a *audioInput) step(position time.Duration) bool {
	if a.drained || len(a.pieces.ready) >= audioAhead {
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
		a.failure = err
	default:
		if err := a.take(sound, position); err != nil {
			a.failure = err
		} else {
			a.decoded++
		}
	}
	return true
}

// feed gives the decoder its next packet.
func (a *audioInput) feed(position time.Duration) bool {
	packet, err := a.reader.next(a.queue)
	switch {
	case errors.Is(err, errLater):
		return false
	case err != nil:
		if err := a.decoder.Send(nil); err != nil {
			a.drained = true
		}
		return true
	}
	if packet.Anew {
		a.restart()
		a.clear(position)
	}
	if err := a.decoder.Send(packet); err != nil {
		a.failure = err
	}
	packet.Release()
	return true
}

func (a *audioInput) take(sound *av.Sound, position time.Duration) error {
	if a.resampler == nil {
		a.pieces.setChannels(channelsFor(sound.Channels))
		a.resampler = av.NewResampler(audioRate, a.pieces.channels)
		if a.reader.container.live {
			a.pieces.stretcher = stretch.New(a.pieces.channels)
		}
	}
	samples, err := a.resampler.Convert(sound)
	if err != nil {
		return err
	}
	// Demuxers count on the rate that the file began with.
	a.pieces.slack = 0
	if said := a.queue.stream.SampleRate; said > 0 && said != sound.SampleRate {
		a.pieces.slack = guessedSlack
	}
	start := av.NoTime
	if sound.PTS != av.NoTime {
		start = a.reader.position(sound.PTS)
	}
	a.pieces.add(samples, start, position)
	a.end = a.pieces.end()
	return nil
}

// due takes the next piece if its time has come, lent until recycle.
func (a *audioInput) due(position time.Duration) *media.AudioFrame {
	if len(a.pieces.ready) == 0 || a.pieces.ready[0].PTS > position {
		return nil
	}
	return a.pieces.take()
}

// skip leaves out the pieces that end before position.
func (a *audioInput) skip(position time.Duration) {
	for len(a.pieces.ready) > 0 && a.pieces.ready[0].PTS+pieceDuration < position {
		a.pieces.recycle(a.pieces.take())
	}
}

func (a *audioInput) recycle(piece *media.AudioFrame) { a.pieces.recycle(piece) }

// upcoming is the position of the next delivery.
func (a *audioInput) upcoming() (time.Duration, bool) {
	if len(a.pieces.ready) == 0 {
		return 0, false
	}
	return a.pieces.ready[0].PTS, true
}

// finished reports that all was delivered; what is less than a piece is then
// made one, with silence.
func (a *audioInput) finished() bool {
	if a.drained && a.pieces.complete() {
		a.end = a.pieces.end()
	}
	return a.drained && len(a.pieces.ready) == 0
}

func (a *audioInput) exhausted() bool { return a.drained }

func (a *audioInput) ends() time.Duration { return a.end }

// hold makes silence.
func (a *audioInput) hold(position, end time.Duration) time.Duration {
	if a.pieces.channels == 0 {
		a.pieces.setChannels(channelsFor(max(a.queue.stream.Channels, 1)))
	}
	return a.pieces.silence(position, end)
}

// restart forgets what the decoder holds, for packets from elsewhere in the file.
func (a *audioInput) restart() {
	a.drained = false
	if a.decoder != nil {
		a.decoder.Flush()
	}
}

// clear forgets what was decoded, to begin anew at another position.
func (a *audioInput) clear(position time.Duration) {
	a.pieces.clear()
	a.end = position
}

func (a *audioInput) result() (decoded int, failure error) { return a.decoded, a.failure }

func (a *audioInput) close() {
	if a.decoder != nil {
		a.decoder.Close()
	}
	if a.resampler != nil {
		a.resampler.Close()
	}
}
