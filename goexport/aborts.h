// A handler of SIGABRT that gives another thread the time to write a report: what abort() ends, ends without one.
#ifndef MSCP_ABORTS_H
#define MSCP_ABORTS_H

#include <stdint.h>

// Who aborts, as it is written to the pipe: internal/crash reads it.
typedef struct mscp_abort {
  int32_t thread;
  // The process that sent the signal; 0: the thread itself, as abort() does.
  int32_t sender;
} mscp_abort;

// Takes SIGABRT, unless somebody has it. The handler writes to asked, and waits until answered can be read.
void mscp_take_aborts(int asked, int answered);

#endif
