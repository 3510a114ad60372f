package recorder

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// Options of a Recorder.
type Options struct {
	// Container is webm, matroska, mp4, hls, ogg or wav.
	Container string
	Tracks    []media.Track
	// Codecs are the MIME types that are wanted of tracks that can be had in several.
	Codecs []string
	// VideoBitrate and AudioBitrate in bits a second are of what is encoded; 0 chooses.
	VideoBitrate, AudioBitrate int
	// Open makes the output, which is a Playlist where segments are wanted. It is called when nothing else can fail: a
	// recording that is refused replaces none.
	Open func(segments bool) (Output, error)
	// Done is called once, last: with why it failed, or nil.
	Done func(err error, stats Stats)
	// Go starts a goroutine, and calls finally when it is over or never runs.
	Go func(name string, f func(ctx context.Context), finally func())
}

// Stats counts what was recorded.
type Stats struct {
	// Frames were written; Dropped came faster than they could be written; Omitted tracks delivered too late
	// to be in the file. Lost are pictures that came not whole, or need what did not come, and missing packets of sound.
	Frames, Dropped, Omitted, Lost uint64
	Duration                       time.Duration
}

// Recorder writes tracks into a container. It is safe for concurrent use.
type Recorder struct {
	options   Options
	container container
	output    Output
	inputs    []*input
	now       func() time.Time
	began     time.Time
	news      chan struct{}
	done      chan struct{}
	// writer is run's, once it runs; told says that Done was called.
	writer *writer
	told   bool

	mu sync.Mutex
	// queue waits for the writer, of so many bytes.
	queue []item
	bytes int
	// clocks are those of senders.
	clocks   map[any]*timeline
	paused   bool
	pausedAt time.Duration
	// left is how much time pauses left out.
	left     time.Duration
	stopping bool
	flushes  bool
	ended    int
	dropped  uint64
}

// Start begins to record.
func Start(options Options) (*Recorder, error) { return start(options, time.Now) }

func start(options Options, now func() time.Time) (*Recorder, error) {
	kind, err := containerOf(options.Container)
	if err != nil {
		return nil, err
	}
	if kind.single && len(options.Tracks) > 1 {
		return nil, fmt.Errorf("%w: %s holds one track, of %d", ErrContainer, options.Container, len(options.Tracks))
	}
	if err := options.checkBitrates(); err != nil {
		return nil, err
	}
	r := &Recorder{
		options: options, container: kind, now: now, began: now(),
		clocks: make(map[any]*timeline), news: make(chan struct{}, 1), done: make(chan struct{}),
	}
	for _, track := range options.Tracks {
		if err := r.attach(track); err != nil {
			r.detach()

			return nil, err
		}
	}
	if r.output, err = options.Open(kind.segmented); err != nil {
		r.detach()

		return nil, err
	}
	options.Go("recording", r.run, r.end)
	for _, i := range r.inputs {
		i.track.OnEnded(func(error) { r.trackEnded(i) })
	}

	return r, nil
}

func (r *Recorder) attach(track media.Track) error {
	settings := media.EncodingSettings{Stereo: true, MaxBitrate: r.options.VideoBitrate}
	if track.Kind() == media.Audio {
		settings.MaxBitrate = r.options.AudioBitrate
	}
	chosen, err := r.container.choose(track, r.options.Codecs, settings)
	if err != nil {
		return err
	}
	i := &input{recorder: r, track: track, codec: chosen, waits: track.Kind() == media.Video, asked: -askAgain, stream: -1}
	feed, err := track.Attach(chosen, settings, i)
	if err != nil {
		return err
	}
	r.mu.Lock()
	i.feed = feed
	r.mu.Unlock()
	r.inputs = append(r.inputs, i)

	return nil
}

func (r *Recorder) detach() {
	for _, i := range r.inputs {
		i.feed.Close()
	}
}

// trackEnded stops the recording with the last of its tracks (MediaStream Recording, start, step 14).
func (r *Recorder) trackEnded(i *input) {
	r.mu.Lock()
	if !i.ended {
		i.ended = true
		r.ended++
	}
	all := r.ended == len(r.inputs)
	r.mu.Unlock()
	if all {
		r.Stop()
	}
}

// Pause leaves out what comes until Resume: the time between is not in the file.
func (r *Recorder) Pause() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.paused {
		r.paused, r.pausedAt = true, r.now().Sub(r.began)
		for _, i := range r.inputs {
			i.rest()
		}
	}
}

// Resume goes on, of video with a keyframe, which it asks for.
func (r *Recorder) Resume() {
	r.mu.Lock()
	resumes := r.paused
	if resumes {
		r.paused = false
		r.left += r.now().Sub(r.began) - r.pausedAt
		for _, i := range r.inputs {
			i.waits, i.behind, i.asked = i.track.Kind() == media.Video, false, r.now().Sub(r.began)
		}
	}
	r.mu.Unlock()
	if !resumes {
		return
	}
	for _, i := range r.inputs {
		i.feed.RequestKeyframe()
	}
}

// Flush has all that came written.
func (r *Recorder) Flush() {
	r.mu.Lock()
	r.flushes = true
	r.mu.Unlock()
	r.ring()
}

// end comes after run, or in its place: of one that panicked, or never began, Done is told all the same.
func (r *Recorder) end() {
	defer close(r.done)
	if r.told {
		return
	}
	r.told = true
	defer r.options.Done(ErrAborted, Stats{})
	defer func() {
		if r.writer == nil {
			_ = r.output.Close()

			return
		}
		r.writer.err = ErrAborted
		_ = r.writer.close()
	}()
	r.detach()
}

// Stop ends the recording: Done tells when the file is whole. It does not wait, and may be called twice.
func (r *Recorder) Stop() {
	r.mu.Lock()
	first := !r.stopping
	r.stopping = true
	r.mu.Unlock()
	if slow, ok := r.output.(interface{ SetWriteDeadline(at time.Time) error }); ok && first {
		// Files on disk have none.
		_ = slow.SetWriteDeadline(time.Now().Add(mostStalled))
	}
	r.ring()
}

// Wait waits until Done was called.
func (r *Recorder) Wait() { <-r.done }
