package service

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/wire"
)

// Who owns a handle and is not counted would be missing in the numbers of what is open.
func TestEveryHandleOfAWorkerIsCounted(t *testing.T) {
	receivers := map[string]map[string]bool{"owner": {}, "count": {}}
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if !strings.HasSuffix(file.Name(), ".go") || strings.HasSuffix(file.Name(), "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file.Name(), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, declaration := range parsed.Decls {
			f, ok := declaration.(*ast.FuncDecl)
			if !ok || f.Recv == nil || receivers[f.Name.Name] == nil {
				continue
			}
			pointer, _ := f.Recv.List[0].Type.(*ast.StarExpr)
			name, _ := pointer.X.(*ast.Ident)
			receivers[f.Name.Name][name.Name] = true
		}
	}
	// It counts those that it owns.
	delete(receivers["owner"], "worker")
	if len(receivers["count"]) == 0 || !maps.Equal(receivers["owner"], receivers["count"]) {
		t.Errorf("owned are %v, counted %v", receivers["owner"], receivers["count"])
	}
}

func (c *client) metrics(worker uint64) wire.Metrics {
	c.t.Helper()
	var told wire.Metrics
	c.demand(worker, wire.WorkerGetMetrics, wire.Empty{}, &told)

	return told
}

func TestEachWorkerCountsItsOwnHandlesAndAThreadAll(t *testing.T) {
	c := open(t)
	first, second := c.worker(), c.worker()
	empty := c.metrics(first)
	if empty.Worker.Handles != (wire.HandleCounts{}) || empty.Thread.Workers != 2 {
		t.Errorf("at first %+v, %+v", empty.Worker, empty.Thread)
	}
	peer := c.loopbackPeer(first)
	opening := c.opening(second, wire.WorkerOpenSource, slowSpec(t))
	own, other := c.metrics(first), c.metrics(second)
	if own.Worker.Handles != (wire.HandleCounts{Transports: 1}) {
		t.Errorf("of the first %+v", own.Worker.Handles)
	}
	both := wire.HandleCounts{Transports: 1, Openings: 1}
	if other.Worker.Handles != (wire.HandleCounts{Openings: 1}) || other.Thread.Handles != both {
		t.Errorf("of the second %+v, of both %+v", other.Worker.Handles, other.Thread.Handles)
	}
	c.demand(opening, wire.OpeningClose, wire.Empty{}, &wire.Empty{})
	c.failure(opening)
	c.demand(peer, wire.PeerClose, wire.Empty{}, &wire.Empty{})
	if left := c.metrics(first); left.Thread.Handles != (wire.HandleCounts{}) {
		t.Errorf("at the end %+v, %+v", left.Worker, left.Thread)
	}
}

func TestTrafficOfAClosedPeerIsKept(t *testing.T) {
	c := open(t)
	worker := c.worker()
	peer := c.loopbackPeer(worker)
	c.connect(peer, server(t))
	c.until(peer, wire.PeerConnectionState, "connected")
	during := c.metrics(worker).Worker.Network
	if during.Sockets == 0 || during.PacketsSent == 0 || during.PacketsReceived == 0 ||
		during.BytesSent < during.PacketsSent || during.BytesReceived < during.PacketsReceived {
		t.Errorf("while it is connected %+v", during)
	}
	c.demand(peer, wire.PeerClose, wire.Empty{}, &wire.Empty{})
	after := c.metrics(worker).Worker.Network
	if after.Sockets != 0 || after.PacketsSent < during.PacketsSent || after.BytesReceived < during.BytesReceived {
		t.Errorf("%+v, and after the end %+v", during, after)
	}
	if again := c.metrics(worker).Worker.Network; again != after {
		t.Errorf("%+v became %+v", after, again)
	}
}

func TestGoTellsOfItself(t *testing.T) {
	runtime.GC()
	m := processMetrics()
	if m.Goroutines < 2 || m.Threads == 0 {
		t.Errorf("%d goroutines, %d threads", m.Goroutines, m.Threads)
	}
	if m.HeapBytes == 0 || m.HeapObjects == 0 || m.HeapBytes < m.HeapObjects || m.MappedBytes < m.HeapBytes ||
		m.HeapGoalBytes == 0 {
		t.Errorf("%+v", m)
	}
	if m.Collections == 0 || m.PauseSeconds <= 0 || m.PauseSeconds > 10 || m.LongestPauseSeconds > m.PauseSeconds {
		t.Errorf("%+v", m)
	}
}
