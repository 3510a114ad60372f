package main

// #include <stdlib.h>
import "C"

import "unsafe"

// cMemory is core.Memory outside Go's heap: what is lent to JavaScript is no
// Go pointer.
type cMemory struct{}

func (cMemory) Allocate(n int) []byte {
	p := C.malloc(C.size_t(n))

	return unsafe.Slice((*byte)(p), n)
}

func (cMemory) Free(b []byte) { C.free(unsafe.Pointer(unsafe.SliceData(b))) }
