// Keeps JavaScript's signal handlers off Go's stacks.
#pragma once

#include <csignal>

namespace mscp {

#ifdef _WIN32

// There are no signals that would run on a stack of Go's.
class SignalShield {
 public:
  SignalShield() {}
  ~SignalShield() {}
  SignalShield(const SignalShield&) = delete;
  SignalShield& operator=(const SignalShield&) = delete;
};

using UrgentSignal = SignalShield;

#else

// Blocks, as long as it lives, every signal of the calling thread but those
// that a fault raises.
//
// Go code runs on the stack of a goroutine, which may have less room left than a
// signal frame takes. Handlers of libuv (process.on(), child processes) do not
// ask for the alternate stack (SA_ONSTACK): there they would write past its end.
// So Go is loaded under a shield, and all threads that it starts keep the mask
// (SIGCHLD as well: internal/core/childsignal). Calls from the JavaScript thread make room
// instead, which costs less (internal/core/headroom); opening and closing an
// environment take longer, and are shielded.
class SignalShield {
 public:
  SignalShield();
  ~SignalShield();
  SignalShield(const SignalShield&) = delete;
  SignalShield& operator=(const SignalShield&) = delete;

 private:
  sigset_t before_{};
};

// Lives while Go is loaded, until it has begun: then the app has its handler of SIGURG back, or
// none. Go takes that signal for a preemption that this library does without
// (internal/core/preemption), and hands it on to nobody.
class UrgentSignal {
 public:
  UrgentSignal();
  ~UrgentSignal();
  UrgentSignal(const UrgentSignal&) = delete;
  UrgentSignal& operator=(const UrgentSignal&) = delete;

 private:
  struct sigaction before_;
};

#endif

}  // namespace mscp
