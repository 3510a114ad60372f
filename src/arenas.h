// Keeps what malloc holds on to in proportion to the machine.
#pragma once

namespace mscp {

// Has malloc share out as many arenas as there are processors, before Go is loaded.
//
// glibc would have eight for each processor, and keeps in each what was freed there. Goroutines
// call FFmpeg and the codecs on threads that change all the time, no more of them at once than
// there are processors: with more arenas memory grew for hours, of which all but a tenth was
// free. The user's own MALLOC_ARENA_MAX and GLIBC_TUNABLES are kept.
void LimitArenas();

}  // namespace mscp
