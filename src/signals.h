// Keeps JavaScript's signal handlers off Go's stacks.
#pragma once

#include <csignal>

namespace mscp {

// Blocks, as long as it lives, every signal of the calling thread but those
// that a fault raises and the one that Go preempts with.
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

}  // namespace mscp
