package source_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source"
)

// gate is a server of one file that answers nobody before it is opened.
type gate struct {
	*httptest.Server
	asked atomic.Int32
	opens chan struct{}
	once  sync.Once
}

func newGate(t *testing.T, path string) *gate {
	t.Helper()
	g := &gate{opens: make(chan struct{})}
	g.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g.asked.Add(1)
		select {
		case <-g.opens:
			http.ServeFile(w, r, path)
		case <-r.Context().Done():
		}
	}))
	t.Cleanup(g.Close)
	t.Cleanup(g.open)
	return g
}

func (g *gate) open() { g.once.Do(func() { close(g.opens) }) }

type answer struct {
	opened *source.Opened
	err    error
}

// begin opens a source aside.
func (f *fixture) begin(ctx context.Context, spec source.Spec, audio, video bool) <-chan answer {
	got := make(chan answer, 1)
	go func() {
		opened, err := f.registry.Open(ctx, spec, audio, video)
		got <- answer{opened, err}
	}()
	return got
}

func (g *gate) untilAsked(t *testing.T, n int32) {
	t.Helper()
	eventually(t, patience, "asked for it", func() bool { return g.asked.Load() >= n })
}

func TestSourcesOpenSideBySide(t *testing.T) {
	f := newFixture(t)
	g := newGate(t, shortClip(t))
	var all []<-chan answer
	for _, name := range []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"} {
		spec := source.Spec{Type: "url", Value: g.URL + "/" + name + ".mp4"}
		all = append(all, f.begin(t.Context(), spec, true, true))
	}
	// None is answered before all have asked.
	g.untilAsked(t, int32(len(all)))
	g.open()
	for _, one := range all {
		if got := <-one; got.err != nil {
			t.Error(got.err)
		}
	}
}

func TestASourceThatOpensIsShared(t *testing.T) {
	f := newFixture(t)
	g := newGate(t, shortClip(t))
	spec := source.Spec{Type: "url", Value: g.URL + "/a.mp4"}
	one := f.begin(t.Context(), spec, true, false)
	g.untilAsked(t, 1)
	cancelled, cancel := context.WithCancel(t.Context())
	others := []<-chan answer{
		f.begin(t.Context(), spec, true, true), f.begin(t.Context(), spec, false, true),
	}
	leaves := f.begin(cancelled, spec, false, true)
	cancel()
	if got := <-leaves; !errors.Is(got.err, source.ErrClosed) || got.opened != nil {
		t.Errorf("who was cancelled got %+v", got)
	}
	if n := g.asked.Load(); n != 1 {
		t.Errorf("asked %d times", n)
	}
	g.open()
	first := <-one
	if first.err != nil {
		t.Fatal(first.err)
	}
	for _, other := range others {
		got := <-other
		if got.err != nil {
			t.Fatal(got.err)
		}
		if got.opened.PlayerID != first.opened.PlayerID {
			t.Error("opened twice")
		}
		if got.opened.Video == nil || got.opened.Video == first.opened.Video {
			t.Error("tracks are not one's own")
		}
	}
	if first.opened.Video != nil {
		t.Error("a track that was not asked for")
	}
	states := f.registry.State()
	if len(states) != 1 || len(states[0].Tracks) != 4 {
		t.Errorf("state %+v", states)
	}
}

func TestTheLastWhoWaitsCancelsAnOpening(t *testing.T) {
	f := newFixture(t)
	g := newGate(t, shortClip(t))
	spec := source.Spec{Type: "url", Value: g.URL + "/a.mp4", Timeout: time.Minute}
	both, cancel := context.WithCancel(t.Context())
	waiting := []<-chan answer{f.begin(both, spec, true, false), f.begin(both, spec, true, false)}
	g.untilAsked(t, 1)
	cancel()
	for _, one := range waiting {
		if got := <-one; !errors.Is(got.err, source.ErrClosed) {
			t.Errorf("got %+v", got)
		}
	}
	// Who comes then begins anew.
	again := f.begin(t.Context(), spec, true, false)
	g.untilAsked(t, 2)
	g.open()
	if got := <-again; got.err != nil {
		t.Error(got.err)
	}
}

func TestWhoWaitsForASourceGetsItsRefusal(t *testing.T) {
	f := newFixture(t)
	g := newGate(t, "/no/such/file")
	spec := source.Spec{Type: "url", Value: g.URL + "/a.mp4"}
	waiting := []<-chan answer{
		f.begin(t.Context(), spec, true, true), f.begin(t.Context(), spec, true, true),
	}
	g.untilAsked(t, 1)
	eventually(t, patience, "both wait", func() bool { return source.Waiting(f.registry) == 2 })
	g.open()
	for _, one := range waiting {
		if got := <-one; !errors.Is(got.err, source.ErrNotFound) {
			t.Errorf("got %+v", got)
		}
	}
	if n := g.asked.Load(); n != 1 {
		t.Errorf("asked %d times", n)
	}
}

func TestOneKindIsRefusedWhereTheOtherIsOpened(t *testing.T) {
	f := newFixture(t)
	g := newGate(t, clip(t, "sound-alone.mp4", tone440, []string{"-c:a", "aac", "-t", "1"}))
	spec := source.Spec{Type: "url", Value: g.URL + "/a.mp4"}
	sound, picture := f.begin(t.Context(), spec, true, false), f.begin(t.Context(), spec, false, true)
	eventually(t, patience, "both wait", func() bool { return source.Waiting(f.registry) == 2 })
	g.open()
	if got := <-sound; got.err != nil {
		t.Error(got.err)
	}
	if got := <-picture; !errors.Is(got.err, source.ErrNotSupported) {
		t.Errorf("pictures of sound: %+v", got)
	}
}

func TestWhoHasMoreTimeTriesAgain(t *testing.T) {
	f := newFixture(t)
	g := newGate(t, shortClip(t))
	hasty := source.Spec{Type: "url", Value: g.URL + "/a.mp4", Timeout: 300 * time.Millisecond}
	patient := hasty
	patient.Timeout = time.Minute
	one := f.begin(t.Context(), hasty, true, true)
	g.untilAsked(t, 1)
	other := f.begin(t.Context(), patient, true, true)
	if got := <-one; !errors.Is(got.err, source.ErrTimeout) {
		t.Errorf("who is hasty got %+v", got)
	}
	g.untilAsked(t, 2)
	g.open()
	if got := <-other; got.err != nil {
		t.Error(got.err)
	}
}

func TestClosingRefusesWhatOpensAtOnce(t *testing.T) {
	g := newGoroutines(t)
	registry := source.NewRegistry(testLog{t}, g.start)
	server := newGate(t, shortClip(t))
	f := &fixture{goroutines: g, registry: registry}
	waiting := f.begin(t.Context(), source.Spec{Type: "url", Value: server.URL + "/a.mp4", Timeout: time.Minute}, true, true)
	server.untilAsked(t, 1)
	registry.Close()
	if got := <-waiting; !errors.Is(got.err, source.ErrClosed) {
		t.Errorf("got %+v", got)
	}
}
