package service

import (
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/core"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/wire"
)

// past is what is left of what has ended, for counts that never fall.
type past struct {
	traffic       peer.Traffic
	framesDropped uint64
}

func registerMetrics(r *core.Registry) {
	core.HandleOn(r, wire.WorkerGetMetrics, func(_ *core.Call, w *worker, _ wire.Empty) (wire.Metrics, error) {
		worker, thread := w.metrics()

		return wire.Metrics{Worker: worker, Thread: thread, Process: processMetrics()}, nil
	})
}

// counted is what has a handle and belongs to a worker.
type counted interface {
	owned
	count(c *wire.HandleCounts)
}

func (*peerHandle) count(c *wire.HandleCounts)      { c.Transports++ }
func (*senderHandle) count(c *wire.HandleCounts)    { c.Senders++ }
func (*receiverHandle) count(c *wire.HandleCounts)  { c.Receivers++ }
func (*channelHandle) count(c *wire.HandleCounts)   { c.DataChannels++ }
func (*trackHandle) count(c *wire.HandleCounts)     { c.Tracks++ }
func (*readerHandle) count(c *wire.HandleCounts)    { c.Readers++ }
func (*generatorHandle) count(c *wire.HandleCounts) { c.Generators++ }
func (*recorderHandle) count(c *wire.HandleCounts)  { c.Recorders++ }
func (*encodedHandle) count(c *wire.HandleCounts)   { c.EncodedStreams++ }
func (*opening) count(c *wire.HandleCounts)         { c.Openings++ }

func (w *worker) metrics() (wire.WorkerMetrics, wire.ThreadMetrics) {
	own := wire.WorkerMetrics{Sources: len(w.sources.State()), LogLinesDropped: w.log.lines.left()}
	usage := w.env.Usage()
	thread := wire.ThreadMetrics{
		Requests:      max(usage.Requests-1, 0),
		QueuedRecords: usage.QueuedRecords, QueuedBytes: usage.QueuedBytes, EventsMerged: usage.MergedEvents,
		HeldFrames: usage.HeldFrames, HeldFrameBytes: usage.HeldFrameBytes,
		LentPlanes: usage.LentPlanes, LentPlaneBytes: usage.LentPlaneBytes,
	}
	for object := range w.env.Objects() {
		switch object := object.(type) {
		case *worker:
			thread.Workers++
		case counted:
			object.count(&thread.Handles)
			if object.owner() == w {
				object.count(&own.Handles)
			}
		}
	}
	own.Network, own.FramesDropped = w.traffic()

	return own, thread
}

func (w *worker) traffic() (wire.NetworkMetrics, uint64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	sum, sockets := w.past.traffic, 0
	for p := range w.peers {
		sum = sum.Plus(p.Traffic())
		sockets += p.Sockets()
	}
	dropped := w.past.framesDropped
	for h := range w.readers {
		dropped += h.Lost()
	}

	return wire.NetworkMetrics{
		Sockets: sockets, PacketsSent: sum.PacketsSent, BytesSent: sum.BytesSent,
		PacketsReceived: sum.PacketsReceived, BytesReceived: sum.BytesReceived, PacketsDropped: sum.PacketsDropped,
	}, dropped
}
