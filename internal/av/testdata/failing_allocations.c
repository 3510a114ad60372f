// Preloaded, it has an allocation of FFmpeg's fail: the one that a number in a file counts down to,
// and those after it if another number there says so. FFmpeg takes all memory by these two, Go and
// the C library none.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

extern void* __libc_memalign(size_t alignment, size_t size);
extern void* __libc_realloc(void* block, size_t size);

// left, and whether all fail that follow the one.
static volatile long* control;

__attribute__((constructor)) static void open_control(void) {
  const char* path = getenv("FAILING_ALLOCATIONS");
  int file = path ? open(path, O_RDWR) : -1;

  if (file < 0) return;
  void* mapped = mmap(NULL, 2 * sizeof(long), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  if (mapped != MAP_FAILED) control = mapped;
}

static int fails(void) {
  if (!control || control[0] <= 0) return 0;
  if (__atomic_sub_fetch(&control[0], 1, __ATOMIC_SEQ_CST) > 0) return 0;
  if (control[1]) control[0] = 1;
  return 1;
}

int posix_memalign(void** block, size_t alignment, size_t size) {
  if (fails()) return ENOMEM;
  *block = __libc_memalign(alignment, size);
  return *block ? 0 : ENOMEM;
}

void* realloc(void* block, size_t size) {
  if (size && fails()) {
    errno = ENOMEM;
    return NULL;
  }
  return __libc_realloc(block, size);
}
