package core

import (
	"sync"
	"testing"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/wire"
)

func TestAHandleIsNeverUsedAgain(t *testing.T) {
	table := newHandleTable()
	seen := map[uint64]bool{0: true}
	for range 1000 {
		made := table.add("object")
		if seen[made.handle] || made.handle > wire.MaxHandle {
			t.Fatalf("handle %d", made.handle)
		}
		seen[made.handle] = true
		if table.get(made.handle) != made {
			t.Fatal("not found")
		}
		if !table.remove(made.handle) || table.remove(made.handle) || table.get(made.handle) != nil {
			t.Fatal("not removed once")
		}
	}
	if n := len(*table.slots.Load()); n != 2 {
		t.Errorf("%d slots for one handle at a time", n)
	}
}

func TestASlotOutOfGenerationsIsGivenUp(t *testing.T) {
	table := newHandleTable()
	first := table.add("object")
	table.slot(first.handle).generation = maxGeneration - 1
	table.remove(first.handle)
	last := table.add("object")
	if last.handle > wire.MaxHandle || last.handle>>indexBits != maxGeneration {
		t.Fatalf("handle %x", last.handle)
	}
	table.remove(last.handle)
	if next := table.add("object"); next.handle&indexMask == last.handle&indexMask {
		t.Error("the slot was used again")
	}
}

func TestTheEnvironmentIsNoObject(t *testing.T) {
	n := openNode(t, NewRegistry())
	if _, found := n.Lookup(0); found {
		t.Error("handle 0 was found")
	}
	n.Release(0)
	n.quiet()
}

func TestNumbersThatAreNoHandlesAreNotFound(t *testing.T) {
	n := openNode(t, NewRegistry())
	handle := n.NewHandle("object")
	for _, wrong := range []uint64{handle + 1, handle - 1, handle + 1<<indexBits, 1 << 53, ^uint64(0), indexMask} {
		if _, found := n.Lookup(wrong); found {
			t.Errorf("%d was found", wrong)
		}
	}
	if object, _ := n.Lookup(handle); object != "object" {
		t.Errorf("got %v", object)
	}
}

func TestHandlesFromManyGoroutines(t *testing.T) {
	table := newHandleTable()
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 2000 {
				made := table.add("object")
				if table.get(made.handle) != made || !table.remove(made.handle) {
					t.Error("lost a handle")
				}
			}
		})
	}
	all.Wait()
	if left := table.takeNewestFirst(); len(left) != 0 {
		t.Errorf("%d handles left", len(left))
	}
}
