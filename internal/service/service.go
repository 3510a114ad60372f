// Package service says what each control message does: it is the only place
// where handles (core) meet workers, peers, sources and tracks.
package service

import (
	"fmt"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/core"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/wire"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/recovery"
)

// Registry returns a registry that answers every method of package wire.
func Registry() *core.Registry {
	r := core.NewRegistry()
	r.OnPanic = func(c *core.Call, message, stack string) {
		if owned, ok := c.Target.(owned); ok {
			owned.owner().die(message, stack)
		} else {
			recovery.Print(message, stack)
		}
	}
	r.ConvertFrame = av.ConvertPicture
	registerBuild(r)
	registerDevices(r)
	registerWorker(r)
	registerMetrics(r)
	registerOpening(r)
	registerTrack(r)
	registerGenerator(r)
	registerReader(r)
	registerPeer(r)
	registerSender(r)
	registerReceiver(r)
	registerChannel(r)
	registerRecorder(r)
	registerCoded(r)
	registerEncoded(r)
	registerHooks(r)

	return r
}

// owned is what ends with a worker. A panic in one of its requests is the worker's.
type owned interface{ owner() *worker }

func (w *worker) owner() *worker          { return w }
func (o *opening) owner() *worker         { return o.worker }
func (t *trackHandle) owner() *worker     { return t.worker }
func (g *generatorHandle) owner() *worker { return g.worker }
func (p *peerHandle) owner() *worker      { return p.worker }
func (s *senderHandle) owner() *worker    { return s.peer.worker }
func (r *receiverHandle) owner() *worker  { return r.peer.worker }
func (ch *channelHandle) owner() *worker  { return ch.peer.worker }

func invalidArgument(format string, args ...any) *wire.Error {
	return &wire.Error{Name: "TypeError", Code: wire.CodeInvalidArgument, Message: fmt.Sprintf(format, args...)}
}
