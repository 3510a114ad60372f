// Calls every entry of the C interface with random bytes, lengths and handles, from several
// threads. fuzz LIBRARY SEED SECONDS: prints how often each status came. All memory that is lent
// ends at a page that can't be touched, so that whoever reads or writes beyond it crashes.
#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "abi.h"

enum { THREADS = 3, ENVIRONMENTS = 2, KNOWN = 64, ROOM = 1 << 20, STATUSES = 10 };

static const mscp_table* table;
static atomic_int ends;
static atomic_ulong counts[STATUSES + 1];
static atomic_ulong calls;
// Numbers of all kinds that the library gave: handles, tokens and environments are tried as each
// other.
static _Atomic uint64_t known[KNOWN];
static _Atomic mscp_env environments[ENVIRONMENTS];
static uint32_t bells[ENVIRONMENTS];
static pthread_mutex_t polling = PTHREAD_MUTEX_INITIALIZER;

typedef struct {
  uint64_t state;
  uint8_t* end;
} random_source;

static uint64_t next(random_source* r) {
  r->state ^= r->state << 13;
  r->state ^= r->state >> 7;
  r->state ^= r->state << 17;
  return r->state;
}

static uint64_t below(random_source* r, uint64_t most) { return next(r) % most; }

static void remember(random_source* r, uint64_t number) { known[below(r, KNOWN)] = number; }

// A small number, as handles and tokens are, one that was given, or any.
static uint64_t number(random_source* r) {
  switch (below(r, 4)) {
    case 0:
      return below(r, 40);
    case 1:
      return next(r);
    default:
      return known[below(r, KNOWN)];
  }
}

static mscp_env environment(random_source* r) {
  return below(r, 16) == 0 ? number(r) : environments[below(r, ENVIRONMENTS)];
}

static const char* const bodies[] = {"{}",
                                     "[]",
                                     "null",
                                     "{\"logLevel\":\"none\"}",
                                     "{\"kind\":\"video\"}",
                                     "{\"direction\":\"sendonly\"}",
                                     "{\"enabled\":1}",
                                     "{\"kind\":\"audio\",\"trackId\":\"t\"}"};

// Random bytes, or a body, which end at the guard.
static uint8_t* bytes(random_source* r, size_t* length) {
  if (below(r, 2) == 0) {
    const char* body = bodies[below(r, sizeof bodies / sizeof *bodies)];
    *length = strlen(body);
    return memcpy(r->end - *length, body, *length);
  }
  *length = below(r, below(r, 8) == 0 ? ROOM : 64);
  uint8_t* data = r->end - *length;
  for (size_t i = 0; i < *length && i < 256; i++) data[i] = (uint8_t)next(r);
  return data;
}

// Numbers that a frame may hold, and those that none may.
static double field(random_source* r) {
  static const double odd[] = {
      0.0, -1.0, 0.5, 1e308, -1e308, 4294967296.0, 9007199254740992.0, 0.0 / 0.0, 1.0 / 0.0};
  if (below(r, 3) == 0) return odd[below(r, sizeof odd / sizeof *odd)];
  return (double)below(r, below(r, 2) == 0 ? 10 : 20000);
}

static mscp_frame* frame(random_source* r) {
  mscp_frame* f = (mscp_frame*)(r->end - ROOM) + 1;
  double* fields = (double*)f;
  for (size_t i = 0; i < sizeof *f / sizeof *fields; i++)
    fields[i] = below(r, 4) == 0 ? field(r) : 0;
  f->kind = (double)below(r, 6);
  f->format = (double)below(r, 10);
  if (below(r, 2) == 0) f->width = f->height = 16, f->samples = 48, f->channels = 2;
  return f;
}

static void ring(void* context) { (void)context; }

static void note(int32_t status) {
  calls++;
  counts[status <= 0 && status > -STATUSES ? -status : STATUSES]++;
}

static void reopen(random_source* r) {
  size_t at = below(r, ENVIRONMENTS);
  pthread_mutex_lock(&polling);
  note(table->env_close(environments[at]));
  mscp_env opened = 0;
  bells[at] = MSCP_BELL_ARMED;
  note(table->env_open(ring, NULL, &bells[at], &opened));
  environments[at] = opened;
  pthread_mutex_unlock(&polling);
  remember(r, opened);
}

static void poll_once(random_source* r) {
  size_t length = 0;
  pthread_mutex_lock(&polling);
  size_t capacity = below(r, 4) == 0 ? below(r, MSCP_BATCH_SIZE) : MSCP_BATCH_SIZE;
  uint8_t* batch = r->end - capacity;
  note(table->poll(environment(r), batch, capacity, below(r, 32) == 0 ? NULL : &length));
  // The handles of records, and those in replies, are numbers to be tried.
  for (size_t at = 0; at + 24 <= length && at + 24 <= capacity;) {
    uint32_t size = 0;
    double handle = 0;
    memcpy(&size, batch + at, sizeof size);
    memcpy(&handle, batch + at + 8, sizeof handle);
    remember(r, (uint64_t)handle);
    for (const uint8_t* c = batch + at + 24; c + 9 < batch + at + size; c++) {
      if (memcmp(c, "\"handle\":", 9) == 0) remember(r, strtoull((const char*)c + 9, NULL, 10));
    }
    if (size == 0) abort();
    at += size;
  }
  pthread_mutex_unlock(&polling);
}

static void step(random_source* r) {
  size_t length = 0;
  int64_t value = 0;
  switch (below(r, 13)) {
    case 0:
    case 1: {
      uint8_t* body = bytes(r, &length);
      uint32_t method = below(r, 8) == 0 ? (uint32_t)next(r) : (uint32_t)below(r, 60);
      uint64_t handle = below(r, 3) == 0 ? 0 : number(r);
      note(table->call(environment(r), (uint32_t)next(r), handle, method, body, length));
      break;
    }
    case 2:
      poll_once(r);
      break;
    case 3: {
      uint8_t* data = bytes(r, &length);
      note(table->send(environment(r), number(r), (int32_t)below(r, 3), data, length));
      break;
    }
    case 4:
      note(table->query(environment(r), number(r), (uint32_t)below(r, 4096),
                        below(r, 32) ? &value : NULL));
      break;
    case 5: {
      uint8_t* room = bytes(r, &length);
      note(table->take(environment(r), number(r), room, length));
      break;
    }
    case 6:
      note(table->frame_take(environment(r), number(r), frame(r)));
      break;
    case 7: {
      uint8_t* data = bytes(r, &length);
      if (length > ROOM / 2) length = ROOM / 2, data = r->end - length;
      mscp_frame* f = frame(r);
      int32_t status = table->frame_make(environment(r), f, data, length);
      note(status);
      if (status == MSCP_OK) remember(r, (uint64_t)f->token);
      break;
    }
    case 8: {
      uint8_t* room = bytes(r, &length);
      if (length > ROOM / 2) length = ROOM / 2, room = r->end - length;
      note(table->frame_copy(environment(r), number(r), frame(r), room, length));
      break;
    }
    case 9:
      note(table->frame_write(environment(r), number(r), number(r), frame(r)));
      break;
    case 10:
      note(table->frame_release(environment(r), number(r)));
      break;
    case 11: {
      mscp_plane plane;
      int32_t status = table->frame_lend(environment(r), number(r), (uint32_t)below(r, 6), &plane);
      note(status);
      if (status != MSCP_OK) break;
      // All of it is there, whatever becomes of the frame meanwhile.
      volatile uint8_t sum = 0;
      for (size_t i = 0; i < plane.length; i++) sum = (uint8_t)(sum + plane.data[i]);
      table->frame_return(plane.loan);
      break;
    }
    case 12:
      switch (below(r, 64)) {
        case 0:
          reopen(r);
          break;
        // What can't be: nothing where something is to be.
        case 1:
          note(table->call(environment(r), 1, 0, 1, NULL, 1 + below(r, 100)));
          break;
        case 2:
          note(table->frame_make(environment(r), NULL, NULL, 0));
          break;
        case 3:
          note(table->send(environment(r), number(r), 0, r->end, (size_t)-1));
          break;
        case 4:
          note(table->env_open(NULL, NULL, NULL, NULL));
          break;
        default:
          break;
      }
  }
}

static void* run(void* seed) {
  random_source r = {.state = *(const uint64_t*)seed | 1};
  long page = sysconf(_SC_PAGESIZE);
  uint8_t* memory =
      mmap(NULL, ROOM + (size_t)page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED || mprotect(memory + ROOM, (size_t)page, PROT_NONE) != 0) abort();
  r.end = memory + ROOM;
  while (!ends) step(&r);
  return NULL;
}

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  void* library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
  const mscp_table* (*open_abi)(uint32_t, uint32_t*) = NULL;
  if (library) *(void**)&open_abi = dlsym(library, "mscp_open_abi");
  uint32_t version = 0;
  if (!open_abi || open_abi(MSCP_ABI_VERSION + 1, &version) ||
      !(table = open_abi(MSCP_ABI_VERSION, &version))) {
    // One thread so far. NOLINTNEXTLINE(concurrency-mt-unsafe)
    (void)fprintf(stderr, "%s\n", library ? "no table" : dlerror());
    return 2;
  }
  uint64_t seed = strtoull(argv[2], NULL, 10);
  for (size_t i = 0; i < ENVIRONMENTS; i++) {
    mscp_env opened = 0;
    if (table->env_open(ring, NULL, &bells[i], &opened) != MSCP_OK) return 2;
    environments[i] = opened;
  }
  pthread_t threads[THREADS];
  uint64_t seeds[THREADS];
  for (size_t i = 0; i < THREADS; i++) {
    seeds[i] = (seed + 1) * 0x9e3779b97f4a7c15ULL + i * 2;
    pthread_create(&threads[i], NULL, run, &seeds[i]);
  }
  struct timespec left = {.tv_sec = strtol(argv[3], NULL, 10)};
  while (nanosleep(&left, &left) != 0) continue;
  ends = 1;
  for (size_t i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
  for (size_t i = 0; i < ENVIRONMENTS; i++) table->env_close(environments[i]);
  printf("%lu", (unsigned long)calls);
  for (size_t i = 0; i <= STATUSES; i++) printf(" %lu", (unsigned long)counts[i]);
  printf("\n");
  return 0;
}
