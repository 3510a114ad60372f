#include "faults.h"

#if defined(__linux__) && (defined(__x86_64__) || defined(__aarch64__))

#include <link.h>
#include <node_api.h>
#include <ucontext.h>

#include <cstdint>
#include <cstdlib>

namespace mscp {
namespace {

struct sigaction of_node[kFaultCount];
struct sigaction of_go[kFaultCount];

struct Range {
  uintptr_t begin, end;
};

// Code of shared libraries, without that of Node.js: what a handler may look at.
constexpr int kMostRanges = 512;
Range ranges[kMostRanges];
int range_count = 0;

uintptr_t CodeOf(const void* context) {
  const auto& machine = static_cast<const ucontext_t*>(context)->uc_mcontext;
#ifdef __x86_64__
  return static_cast<uintptr_t>(machine.gregs[REG_RIP]);
#else
  return static_cast<uintptr_t>(machine.pc);
#endif
}

bool IsInLibrary(uintptr_t code) {
  for (int i = 0; i < range_count; i++) {
    if (code >= ranges[i].begin && code < ranges[i].end) return true;
  }
  return false;
}

int Remember(struct dl_phdr_info* info, size_t, void*) {
  // Without a name it is the program itself.
  if (info->dlpi_name == nullptr || info->dlpi_name[0] == '\0') return 0;
  Range found[8];
  int count = 0;
  bool is_node = false;
  const auto node = reinterpret_cast<uintptr_t>(&napi_create_object);
  for (int i = 0; i < info->dlpi_phnum && count < 8; i++) {
    const auto& header = info->dlpi_phdr[i];
    if (header.p_type != PT_LOAD || (header.p_flags & PF_X) == 0) continue;
    const uintptr_t begin = info->dlpi_addr + header.p_vaddr;
    found[count++] = {begin, begin + header.p_memsz};
    is_node = is_node || (node >= begin && node < begin + header.p_memsz);
  }
  for (int i = 0; i < count && !is_node && range_count < kMostRanges; i++) {
    ranges[range_count++] = found[i];
  }
  return 0;
}

void OnFault(int signal, siginfo_t* info, void* context) {
  for (int i = 0; i < kFaultCount; i++) {
    if (kFaults[i] != signal) continue;
    // What somebody sent (si_code of 0 or less) is no fault of any code.
    const bool is_ours = info->si_code <= 0 || IsInLibrary(CodeOf(context));
    const auto& next = is_ours ? of_go[i] : of_node[i];
    if ((next.sa_flags & SA_SIGINFO) != 0) {
      next.sa_sigaction(signal, info, context);
    } else if (next.sa_handler == SIG_DFL || next.sa_handler == SIG_IGN) {
      // The fault is there again when this returns.
      sigaction(signal, &next, nullptr);
    } else {
      next.sa_handler(signal);
    }
    return;
  }
}

}  // namespace

FaultReports::FaultReports() {
  // Node.js locks what it changes of its environment, with a lock that nobody else has.
  // NOLINTNEXTLINE(concurrency-mt-unsafe)
  const char* const folder = getenv("MEDIASOUP_CLIENT_PION_CRASH_REPORTS");
  wanted_ = folder != nullptr && folder[0] != '\0';
  if (!wanted_) return;
  struct sigaction nobody = {};
  nobody.sa_handler = SIG_DFL;
  for (int i = 0; i < kFaultCount; i++) sigaction(kFaults[i], &nobody, &of_node[i]);
}

void FaultReports::Loaded() {
  if (!wanted_) return;
  wanted_ = false;
  dl_iterate_phdr(Remember, nullptr);
  struct sigaction ours = {};
  ours.sa_sigaction = OnFault;
  // As Go's own, whose goroutines have no room for a handler.
  ours.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART;
  sigfillset(&ours.sa_mask);
  for (int i = 0; i < kFaultCount; i++) sigaction(kFaults[i], &ours, &of_go[i]);
}

FaultReports::~FaultReports() {
  if (!wanted_) return;
  // There is no Go.
  for (int i = 0; i < kFaultCount; i++) sigaction(kFaults[i], &of_node[i], nullptr);
}

}  // namespace mscp

#else

namespace mscp {

FaultReports::FaultReports() : wanted_(false) {}
void FaultReports::Loaded() {}
FaultReports::~FaultReports() {}

}  // namespace mscp

#endif
