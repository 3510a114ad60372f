#include "arenas.h"

#include <cstdlib>

#ifdef __GLIBC__
#include <malloc.h>

#include <algorithm>
#include <thread>
#endif

namespace mscp {

#ifdef __GLIBC__

namespace {

// One for the thread of JavaScript, and one beside it.
constexpr unsigned kFewest = 2;

// The library is loaded once. NOLINTNEXTLINE(concurrency-mt-unsafe)
bool IsSet(const char* name) { return std::getenv(name) != nullptr; }

}  // namespace

void LimitArenas() {
  if (IsSet("MALLOC_ARENA_MAX") || IsSet("GLIBC_TUNABLES")) return;
  const unsigned arenas = std::max(kFewest, std::thread::hardware_concurrency());
  // glibc's takes a lock. NOLINTNEXTLINE(concurrency-mt-unsafe)
  mallopt(M_ARENA_MAX, static_cast<int>(arenas));
}

#else

void LimitArenas() {}

#endif

}  // namespace mscp
