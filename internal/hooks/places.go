//go:build hooks

package hooks

import (
	"context"
	"maps"
	"strings"
	"sync"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/recovery"
)

// places are where goroutines and callbacks of a worker begin.
type places struct {
	began map[string]int
	// place panics at the n-th beginning from now; 0 is never.
	place string
	n     int
}

//nolint:gochecknoglobals // goroutines of the whole process
var (
	placesMu       sync.Mutex
	placesOfOwner  = make(map[any]*places)
	placesOfWorker = make(map[uint64]*places)
	// placesAnywhere are those of no owner that was looked at.
	placesAnywhere *places
)

// LookAt counts what begins of a worker, which owner is the context of, and has the n-th at a place panic.
func LookAt(worker uint64, owner context.Context, at Looking) {
	placesMu.Lock()
	defer placesMu.Unlock()
	of := &places{began: make(map[string]int), place: at.Place, n: at.Entry}
	placesOfOwner[recovery.OwnerKey(owner)], placesOfWorker[worker] = of, of
	recovery.OnEnter(enter)
}

// LookOutside is LookAt for all that belongs to no worker that was looked at.
func LookOutside(at Looking) {
	placesMu.Lock()
	defer placesMu.Unlock()
	placesAnywhere = &places{began: make(map[string]int), place: at.Place, n: at.Entry}
	placesOfWorker[0] = placesAnywhere
	recovery.OnEnter(enter)
}

// PlacesOf counts what began of a worker since it was looked at, by place. It may have ended.
func PlacesOf(worker uint64) map[string]int {
	placesMu.Lock()
	defer placesMu.Unlock()
	if of := placesOfWorker[worker]; of != nil {
		return maps.Clone(of.began)
	}

	return nil
}

func enter(ctx context.Context, place string) {
	if panicsNow(ctx, place) {
		panic("deliberate panic at " + place)
	}
}

func panicsNow(ctx context.Context, place string) bool {
	placesMu.Lock()
	defer placesMu.Unlock()
	of := placesOfOwner[recovery.OwnerKey(ctx)]
	if of == nil {
		of = placesAnywhere
	}
	if of == nil {
		return false
	}
	of.began[place]++
	if begins, isPattern := strings.CutSuffix(of.place, "…"); place != of.place && (!isPattern || !strings.HasPrefix(place, begins)) {
		return false
	}
	of.n--

	return of.n == 0
}
