package headroom

import (
	"testing"
	"unsafe"
)

// deep needs most of what Reserve makes room for.
//
//go:noinline
func deep(i int) byte {
	var room [Size - 2<<10]byte
	room[i] = 1

	return room[i/2]
}

// moves says whether deep finds no room, so that the stack is moved to a larger place.
//
//go:noinline
func moves(reserve bool) bool {
	var here byte
	if reserve {
		Reserve()
	}
	before := address(&here)
	deep(1000)

	return address(&here) != before
}

// address is not inlined, or the compiler would find it the same twice.
//
//go:noinline
func address(of *byte) uintptr { return uintptr(unsafe.Pointer(of)) }

func onNewStack(f func() bool) bool {
	result := make(chan bool)
	go func() { result <- f() }()

	return <-result
}

func TestReserveMakesRoom(t *testing.T) {
	if !onNewStack(func() bool { return moves(false) }) {
		t.Error("a new goroutine has the room by itself: the test shows nothing")
	}
	if onNewStack(func() bool { return moves(true) }) {
		t.Error("there was no room after Reserve")
	}
}

func BenchmarkReserve(b *testing.B) {
	for b.Loop() {
		Reserve()
	}
}
