// Lets faults in C, on Go's threads, leave Go's report of a crash.
#pragma once

#include <csignal>

namespace mscp {

#ifndef _WIN32
// The signals of faults that Go takes.
constexpr int kFaults[] = {SIGSEGV, SIGBUS, SIGFPE};
constexpr int kFaultCount = 3;
#endif

// Lives while Go is loaded, if reports of crashes are asked for; else it does nothing.
//
// Go passes on faults outside of its own code to who took them before, and Node.js takes SIGSEGV,
// for WebAssembly: it ends the process without a word. So Go finds nobody to pass them on to, and
// writes its report; and what is a fault of Node.js' own code, or of what it has compiled, goes to
// Node.js as before, which makes exceptions of some.
class FaultReports {
 public:
  FaultReports();
  // Go is there.
  void Loaded();
  ~FaultReports();
  FaultReports(const FaultReports&) = delete;
  FaultReports& operator=(const FaultReports&) = delete;

 private:
  bool wanted_;
};

}  // namespace mscp
