package main

// #include "abi.h"
// static void ring(mscp_ring f, void *context) { f(context); }
import "C"

import "unsafe"

// doorbell returns the function that rings f. context is C memory of the
// caller's, valid as long as the environment is open.
func doorbell(f C.mscp_ring, context unsafe.Pointer) func() {
	return func() { C.ring(f, context) }
}
