#include "signals.h"

#ifndef _WIN32

#include <initializer_list>

namespace mscp {
namespace {

sigset_t Shielded() {
  sigset_t set;
  sigfillset(&set);
  for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS}) {
    sigdelset(&set, fault);
  }
  return set;
}

const sigset_t kShielded = Shielded();

}  // namespace

SignalShield::SignalShield() { pthread_sigmask(SIG_BLOCK, &kShielded, &before_); }

SignalShield::~SignalShield() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

UrgentSignal::UrgentSignal() : before_{} { sigaction(SIGURG, nullptr, &before_); }

UrgentSignal::~UrgentSignal() { sigaction(SIGURG, &before_, nullptr); }

}  // namespace mscp

#endif
