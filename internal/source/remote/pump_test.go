package remote

import (
	"context"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/recovery"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/container"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/refusal"
)

type noLog struct{}

func (noLog) Warnf(string, ...any) {}

// What a live stream is opened again with, its timers and FFmpeg's callbacks, is told of where it panics.
func TestALiveStreamThatIsOpenedAgainBelongsToWhoOpenedIt(t *testing.T) {
	demuxer := openSilence(t)
	c, err := container.New("a live stream", demuxer)
	if err != nil {
		t.Fatal(err)
	}
	c.SetLive()
	told, asked := make(chan string, 10), make(chan error, 10)
	opening, cancel := context.WithCancel(recovery.WithOwner(t.Context(), func(message, _ string) { told <- message }))
	cancel()
	start := func(_ string, f func(ctx context.Context)) { go f(context.Background()) }
	startPump(opening, c, start, demuxer, pumpSettings{
		log: noLog{},
		reopen: func(ctx context.Context) (*av.Demuxer, error) {
			recovery.OwnerOf(ctx)("a panic", "")
			asked <- ctx.Err()
			return nil, errors.New("deliberate")
		},
		closed: func() {},
	})
	defer c.Demuxer().Close()
	if err := <-asked; err != nil {
		t.Errorf("it ended with what opened it first: %v", err)
	}
	select {
	case message := <-told:
		if message != "a panic" {
			t.Errorf("told %q", message)
		}
	default:
		t.Error("who opened it was not told")
	}
}

// What can't be opened again because the server lies ends what it lies about, and only all of it ends the rest.
func TestAServerThatLiesWhenItIsOpenedAgainEndsWhatItLiesAbout(t *testing.T) {
	for name, test := range map[string]struct {
		err                 error
		over, failed, video bool
	}{
		"pictures":      {lie{kind: media.Video}, false, false, true},
		"all":           {lie{kind: media.Video, all: true}, true, true, false},
		"nothing of it": {errors.New("deliberate"), false, false, false},
	} {
		p := &pump{
			chosen: []av.Stream{{Index: 0, Kind: media.Audio}, {Index: 1, Kind: media.Video}},
			losses: make(map[int]error), news: make(chan struct{}, 1),
		}
		err := &refusal.Error{Kind: refusal.ErrBroken, Cause: test.err}
		if over := p.ends(err); over != test.over || (p.failure != nil) != test.failed || (p.Lost(1) != nil) != test.video || p.Lost(0) != nil {
			t.Errorf("%s: %v, failed with %v, lost are %v", name, over, p.failure, p.losses)
		}
	}
}

// What is asked for while a seek takes its time comes before it reads on: of a stream that a demuxer was not told of it would leave
// out all, to the end, and a track that had just begun ended.
func TestWhatIsAskedForMeanwhileComesFirst(t *testing.T) {
	none := func(*pump) {}
	for name, test := range map[string]struct {
		first, meanwhile func(p *pump)
		// goes is whether it reads on before it is asked again.
		goes bool
	}{
		"nothing":          {none, none, true},
		"its stream again": {none, func(p *pump) { p.SetActive(0, true) }, false},
		"no stream":        {none, func(p *pump) { p.SetActive(0, false) }, false},
		"another place":    {none, func(p *pump) { p.seek = &pumpSeek{done: make(chan error, 1)} }, false},
		"its stream":       {func(p *pump) { p.SetActive(0, false) }, func(p *pump) { p.SetActive(0, true) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			p := &pump{
				begun: true, active: make(map[int]bool), work: make(chan struct{}, 1), news: make(chan struct{}, 1),
				demuxer: openSilence(t),
			}
			defer p.demuxer.Close()
			p.SetActive(0, true)
			test.first(p)
			seek := &pumpSeek{done: make(chan error)}
			p.seek = seek
			goes := make(chan bool)
			go func() { goes <- p.obey() }()
			for sought := false; !sought; {
				p.mu.Lock()
				sought = p.seek == nil
				p.mu.Unlock()
			}
			test.meanwhile(p)
			if err := <-seek.done; err != nil {
				t.Fatal(err)
			}
			if now := <-goes; now != test.goes {
				t.Errorf("it reads on at once: %v", now)
			}
			if !p.obey() {
				t.Error("it does not read on")
			}
		})
	}
}

func openSilence(t *testing.T) *av.Demuxer {
	t.Helper()
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "tone.wav"), silence(), 0o600); err != nil {
		t.Fatal(err)
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		t.Fatal(err)
	}
	demuxer, err := av.OpenFile(t.Context(), av.Folder{Path: folder, Root: root}, "tone.wav")
	if err != nil {
		t.Fatal(err)
	}
	return demuxer
}

// silence is a WAVE file of a tenth of a second.
func silence() []byte {
	const rate, length = 8000, 1600
	file := append([]byte("RIFF"), binary.LittleEndian.AppendUint32(nil, 36+length)...)
	file = append(file, "WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00"...)
	file = binary.LittleEndian.AppendUint32(file, rate)
	file = binary.LittleEndian.AppendUint32(file, 2*rate)
	file = append(file, "\x02\x00\x10\x00data"...)
	file = binary.LittleEndian.AppendUint32(file, length)
	return append(file, make([]byte, length)...)
}
