package encode

import (
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// mostDrift is how far packets, which follow each other evenly, may be from the
// times of the source.
const mostDrift = 2 * codec.FrameDuration

// Audio encodes the sound of a source for all feeds that ask for the
// same. It runs on the player's goroutine: sound costs too little for another.
type Audio struct {
	source Owner
	key    Key
	codec  media.Codec
	fanout *media.Fanout
	blank  *BlankAudio
	// target is the feeds' in bits a second, 0 for none.
	target atomic.Int64

	mu      sync.Mutex
	closed  bool
	encoder codec.AudioEncoder
	// mono says that it may become one of stereo: a generator is silent in one channel until it is written to.
	mono      bool
	resampler *av.Resampler
	// samples wait for a whole packet; the first is of the time at.
	samples  []int16
	at       time.Duration
	bitrate  int
	failures int
	stats    media.FeedStats
	rate     media.RateMeter
}

// NewAudio makes one that encodes what encode is given.
func NewAudio(s Owner, key Key, c media.Codec) *Audio {
	e := &Audio{source: s, key: key, codec: c}
	e.fanout = media.NewFanout(media.Audio, e)
	e.fanout.ShareBy(s.Share)
	e.blank = NewBlankAudio(c, key.settings.Stereo, e.fanout)
	return e
}

// Is reports whether feeds of that key share it.
func (e *Audio) Is(key Key) bool { return e.key == key }

// Feeds are those that it encodes for.
func (e *Audio) Feeds() *media.Fanout { return e.fanout }

// RequestKeyframe implements media.Upstream: sound has none.
func (e *Audio) RequestKeyframe() {}

// SetTargetBitrate implements media.Upstream.
func (e *Audio) SetTargetBitrate(bitsPerSecond int) { e.target.Store(int64(bitsPerSecond)) }

// FeedClosed implements media.Upstream.
func (e *Audio) FeedClosed() { e.source.DropAudio(e) }

// Stats implements media.Upstream.
func (e *Audio) Stats() media.FeedStats {
	e.mu.Lock()
	stats := e.stats
	stats.FramesPerSecond = e.rate.PerSecond(time.Now())
	e.mu.Unlock()
	stats.SourceFrames = e.source.AudioShown()
	return stats
}

// Encode hands out the packets that piece completes.
func (e *Audio) Encode(piece *media.AudioFrame) {
	live := e.fanout.Wanted()
	if err := e.blank.Offer(e.evenly(piece, live), piece.Duration()); err != nil {
		e.source.Fail(media.Audio, err)
	}
	if !live {
		return
	}
	packets, err := e.packets(piece)
	for i := range packets {
		e.fanout.Write(packets[i])
	}
	if err != nil {
		e.source.Fail(media.Audio, err)
	}
}

// evenly is the time of piece as packets count it, which goes on the same way
// whether it is encoded or silence stands for it.
func (e *Audio) evenly(piece *media.AudioFrame, live bool) time.Duration {
	e.mu.Lock()
	defer e.mu.Unlock()
	at := e.at
	if drift := piece.PTS - at; drift > mostDrift || drift < -mostDrift {
		at = piece.PTS
	}
	if !live {
		e.at = at + piece.Duration()
		e.samples = e.samples[:0]
	}
	return at
}

// packets keeps mu from being held while sinks are called.
func (e *Audio) packets(piece *media.AudioFrame) ([]*media.EncodedFrame, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed || e.failures >= mostFailures {
		return nil, nil
	}
	if err := e.prepare(piece); err != nil {
		e.failures = mostFailures
		return nil, err
	}
	begin := time.Now()
	if err := e.add(piece); err != nil {
		e.failures = mostFailures
		return nil, err
	}
	var packets []*media.EncodedFrame
	duration := e.encoder.FrameDuration()
	size := int(duration.Milliseconds()) * e.encoder.SampleRate() / 1000 * e.encoder.Channels()
	for len(e.samples) >= size {
		level := media.AudioLevel(e.samples[:size])
		data, err := e.encoder.Encode(e.samples[:size])
		e.samples = append(e.samples[:0], e.samples[size:]...)
		at := e.at
		e.at += duration
		if err != nil {
			if e.failures++; e.failures >= mostFailures {
				return packets, err
			}
			continue
		}
		e.failures = 0
		if len(data) > 0 {
			packets = append(packets, &media.EncodedFrame{
				Data: data, PTS: at, Duration: duration, Keyframe: true,
				AudioLevel: level,
			})
		}
		e.stats.FramesEncoded++
		e.stats.KeyframesEncoded++
		e.rate.Add(begin)
	}
	e.stats.TotalEncodeTime += time.Since(begin)
	e.stats.TargetBitrate = e.bitrate
	return packets, nil
}

// prepare makes the encoder, and keeps its bitrate at what the network allows.
func (e *Audio) prepare(piece *media.AudioFrame) error {
	if stereo := e.key.settings.Stereo && piece.Channels >= 2; e.encoder == nil || stereo && e.mono {
		if err := e.open(stereo); err != nil {
			return err
		}
	}
	highest := e.key.settings.MaxBitrate
	if highest <= 0 {
		highest = codec.DefaultAudioBitrate(e.encoder.Channels())
	}
	bitrate := highest
	if target := int(e.target.Load()); target > 0 {
		bitrate = min(max(target, codec.AudioFloor(highest)), highest)
	}
	if bitrate == e.bitrate {
		return nil
	}
	if err := e.encoder.SetBitrate(bitrate); err != nil {
		return err
	}
	e.bitrate = bitrate
	return nil
}

// open makes the encoder, also in the place of one of a single channel.
func (e *Audio) open(stereo bool) error {
	settings := e.key.settings
	encoder, name, err := codec.NewAudioEncoder(e.codec, codec.AudioSettings{
		Stereo: stereo, FEC: settings.FEC, DTX: settings.DTX,
		MaxPlaybackRate: settings.MaxPlaybackRate, PacketDuration: settings.PacketDuration,
	})
	if err != nil {
		return err
	}
	if e.encoder != nil {
		e.release()
		waiting := make([]int16, 0, 2*len(e.samples))
		for _, sample := range e.samples {
			waiting = append(waiting, sample, sample)
		}
		e.samples, e.bitrate = waiting, 0
	}
	e.encoder, e.stats.Encoder = encoder, name
	e.mono = !stereo && strings.EqualFold(e.codec.MimeType, codec.MimeOpus)
	return nil
}

// add takes the samples in the encoder's form.
func (e *Audio) add(piece *media.AudioFrame) error {
	samples := piece.Samples
	if piece.SampleRate != e.encoder.SampleRate() || piece.Channels != e.encoder.Channels() {
		if e.resampler == nil {
			e.resampler = av.NewResampler(e.encoder.SampleRate(), e.encoder.Channels())
		}
		var err error
		if samples, err = e.resampler.ConvertSamples(samples, piece.SampleRate, piece.Channels); err != nil {
			return err
		}
	}
	waiting := time.Duration(len(e.samples)/e.encoder.Channels()) * time.Second /
		time.Duration(e.encoder.SampleRate())
	// The times of the packets go on evenly, but follow a jump of the source.
	if drift := piece.PTS - e.at - waiting; drift > mostDrift || drift < -mostDrift {
		e.samples = e.samples[:0]
		e.at = piece.PTS
	}
	e.samples = append(e.samples, samples...)
	return nil
}

// Close frees the encoder.
func (e *Audio) Close() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.closed = true
	e.release()
}

func (e *Audio) release() {
	if e.encoder != nil {
		_ = e.encoder.Close()
		e.encoder = nil
	}
	if e.resampler != nil {
		e.resampler.Close()
		e.resampler = nil
	}
}
