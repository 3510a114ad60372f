package av

// #include <stdlib.h>
// #include "remote.h"
import "C"

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"runtime/cgo"
	"strings"
	"time"
	"unsafe"

	"github.com/asticode/go-astiav"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/recovery"
)

// URLInput says how a URL is opened.
type URLInput struct {
	Input
	// Open opens the URL and everything that it points at. nil leaves the URL to
	// FFmpeg's own protocols, and lets it point at nothing.
	Open Opener
	// Protocols are those of FFmpeg's that may be used, with commas.
	Protocols string
	// Own are options besides the user's, which they override.
	Own map[string]string
	// OpensItself allows formats that open by themselves what they read.
	OpensItself bool
	// Guess names the format, and options for it, once Open has opened the URL; "" lets it
	// be found out. nil is always so.
	Guess func() (format string, own map[string]string)
	// Stall is how long reading one packet may take.
	Stall time.Duration
	// Late gets what was read of streams when opening was ended, with what is known of them. Its arguments are for the call.
	Late func(stream *Stream, data []byte)
}

// network is what a demuxer of a URL has besides.
type network struct {
	remote       remote
	cancel       context.CancelCauseFunc
	interruption *interruption
	handle       cgo.Handle
	guard        unsafe.Pointer
	io           *C.AVIOContext
	stall        time.Duration
	timer        *time.Timer
	// playlist says that segments are read, endless that the header told no duration.
	playlist, endless bool
	// arrival says that packets have the times at which they came.
	arrival bool
	// starts are the times of the first packets of streams.
	starts map[int]time.Duration
}

// OpenURL opens a URL. When ctx ends, opening fails with its cause.
func OpenURL(ctx context.Context, url string, input URLInput) (*Demuxer, error) {
	d, err := newDemuxer()
	if err != nil {
		return nil, err
	}
	n := &network{interruption: d.interruption, stall: input.Stall}
	n.remote.ctx, n.cancel = context.WithCancelCause(context.WithoutCancel(ctx))
	n.remote.open, n.remote.stalled = input.Open, func() { n.interrupt(ErrStalled) }
	n.timer = recovery.Timer(ctx, "see a stall", time.Hour, n.remote.stalled)
	n.timer.Stop()
	d.network = n
	ok := false
	defer func() { d.closeUnless(ok) }()

	stop := recovery.AfterFunc(ctx, "stop opening a URL", func() { n.interrupt(context.Cause(ctx)) })
	defer stop()
	err = d.openURL(url, input)
	if !stop() {
		d.late(input.Late)
		if err == nil {
			err = failure("open", context.Cause(ctx))
		}
	}
	n.remote.rethrow()
	if err != nil {
		if n.remote.refused != nil && errors.Is(err, io.EOF) {
			// A playlist that names nothing else.
			err = n.remote.refused
		}
		return nil, n.explain(err)
	}
	ok = true
	return d, nil
}

// late gives what FFmpeg keeps when opening was ended: reading no longer waits.
func (d *Demuxer) late(take func(stream *Stream, data []byte)) {
	for take != nil && d.context != nil && d.format != "" {
		packet, err := d.Read()
		if err != nil {
			return
		}
		if packet.Stream < len(d.streams) {
			take(&d.streams[packet.Stream], packet.Data())
		}
		packet.Release()
	}
}

func (d *Demuxer) openURL(url string, input URLInput) error {
	n := d.network
	if strings.ContainsRune(url, 0) {
		return fmt.Errorf("open: %w", ErrInvalidData)
	}
	format, err := inputFormat(input.Format, input.OpensItself)
	if err != nil {
		return err
	}
	own := map[string]string{"protocol_whitelist": input.Protocols, "pattern_type": "none"}
	if input.Open == nil {
		cURL := C.CString(url)
		defer C.free(unsafe.Pointer(cURL))
		n.guard = C.mscp_stream_install(formatContext(d.context), cURL)
	} else {
		n.handle = cgo.NewHandle(&n.remote)
		n.guard = C.mscp_remote_install(formatContext(d.context), C.uintptr_t(n.handle))
		if n.io, err = n.remote.io(url, nil); err != nil {
			return err
		}
		formatContext(d.context).pb = n.io
		// These reach into FFmpeg's own http protocol, which isn't there.
		own["http_persistent"], own["http_multiple"] = "0", "0"
	}
	if n.guard == nil {
		return errors.New("allocate a demuxer: out of memory")
	}
	if format == nil && input.Guess != nil {
		name, more := input.Guess()
		if format, err = inputFormat(name, false); err != nil {
			return err
		}
		maps.Copy(own, more)
		n.arrival = more["use_wallclock_as_timestamps"] == "1"
	}
	for name, value := range input.Own {
		if _, ok := input.Options[name]; !ok {
			own[name] = value
		}
	}
	return d.open(url, format, input.Input, own)
}

// Interrupt lets what is being read fail with cause, and all that would be read.
// It may be called on any goroutine, before Close returns.
func (d *Demuxer) Interrupt(cause error) {
	if d.network != nil {
		d.network.interrupt(cause)
		return
	}
	if d.files != nil && d.files.cancel != nil {
		d.files.cancel()
	}
	if d.interruption != nil {
		d.interruption.interrupt()
	}
}

// Playlist reports whether the demuxer reads segments that a playlist names, and
// live whether the playlist goes on.
func (d *Demuxer) Playlist() (playlist, live bool) {
	n := d.network
	return n != nil && n.playlist, n != nil && n.playlist && n.endless
}

// SetStall is how long reading one packet may take from now on.
func (d *Demuxer) SetStall(stall time.Duration) {
	if d.network != nil {
		d.network.stall = stall
	}
}

// learn takes from the header what decides how it is read.
func (n *network) learn(d *Demuxer) {
	if n == nil {
		return
	}
	if n.arrival && d.format == "mpjpeg" {
		for _, s := range d.context.Streams() {
			// Times of arrival don't fit into its 25ths of a second.
			s.SetTimeBase(astiav.NewRational(1, 90_000))
		}
	}
	n.playlist = d.Segmented()
	// Later it may be estimated.
	n.endless = d.context.Duration() == noPTS
}

func (n *network) interrupt(cause error) {
	n.cancel(cause)
	n.interruption.interrupt()
}

// watch bounds the time that f takes.
func (n *network) watch(f func() error) error {
	if n == nil {
		return f()
	}
	n.remote.due = time.Now().Add(n.stall)
	n.timer.Reset(n.stall)
	err := f()
	n.timer.Stop()
	n.remote.due = time.Time{}
	n.remote.rethrow()
	return err
}

// explain tells why FFmpeg failed where it was Go that let it.
func (n *network) explain(err error) error {
	if n == nil || err == nil || errors.Is(err, ErrAgain) {
		return err
	}
	var option *OptionError
	var format *FormatError
	if errors.As(err, &option) || errors.As(err, &format) {
		return err
	}
	reason := n.remote.failure
	switch {
	case context.Cause(n.remote.ctx) != nil:
		reason = context.Cause(n.remote.ctx)
	case n.remote.refused != nil && !errors.Is(err, io.EOF):
		reason = n.remote.refused
	case reason == nil || errors.Is(err, reason):
		return err
	}
	return fmt.Errorf("read a URL: %w", reason)
}

// sequential reports whether it can be read from the beginning only.
func (n *network) sequential() bool { return n != nil && n.io != nil && n.io.seekable == 0 }

func (n *network) close() {
	n.timer.Stop()
	n.cancel(ErrClosed)
	C.mscp_remote_io_free(n.io)
	n.io = nil
	C.mscp_remote_release(n.guard)
	n.guard = nil
	if n.handle != 0 {
		n.handle.Delete()
		n.handle = 0
	}
}
