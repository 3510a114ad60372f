//go:build hooks

package av

// #include <stdint.h>
// #ifdef __GLIBC__
// #include <malloc.h>
// #endif
//
// static uint64_t mscp_trim(void) {
// #ifdef __GLIBC__
//   malloc_trim(0);
//   const struct mallinfo2 all = mallinfo2();
//   return all.uordblks + all.hblkhd;
// #else
//   return 0;
// #endif
// }
import "C"

// Trim gives back to the system what malloc keeps and nobody uses. It returns what is used, in bytes, where that can be told.
func Trim() uint64 { return uint64(C.mscp_trim()) }
