#include "aborts.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

// A report takes some milliseconds. Go may be what is broken: then there is none.
enum { WAIT_MS = 5000 };

static int asked_fd, answered_fd;
static pid_t process;
static atomic_flag is_told = ATOMIC_FLAG_INIT;

// Only what a handler may call. The thread that aborts may hold any lock, that of malloc() for one.
static void on_abort(int signal, siginfo_t *info, void *context) {
  (void)context;
  const int error = errno;
  // The copy that fork() made has no thread to answer, and the pipe of its parent.
  if (getpid() == process) {
    if (!atomic_flag_test_and_set(&is_told)) {
      const mscp_abort told = {
          .thread = (int32_t)syscall(SYS_gettid),
          .sender = info->si_pid == process && info->si_code == SI_TKILL ? 0 : info->si_pid,
      };
      const ssize_t written = write(asked_fd, &told, sizeof told);
      (void)written;
    }
    // Nobody reads the answer: another thread that aborts meanwhile has it as well.
    struct pollfd answer = {.fd = answered_fd, .events = POLLIN};
    poll(&answer, 1, WAIT_MS);
  }
  // It is blocked until this returns, and ends the process then, where it stood.
  struct sigaction nobody = {.sa_handler = SIG_DFL};
  sigaction(signal, &nobody, NULL);
  (void)raise(signal);
  errno = error;
}

void mscp_take_aborts(int asked, int answered) {
  struct sigaction before;
  // The app's own listener, if there is one.
  if (sigaction(SIGABRT, NULL, &before) != 0 || before.sa_handler != SIG_DFL) return;
  asked_fd = asked;
  answered_fd = answered;
  process = getpid();
  // On the alternate stack, as Go's own handlers: goroutines have no room for one.
  struct sigaction ours = {.sa_sigaction = on_abort, .sa_flags = SA_SIGINFO | SA_ONSTACK};
  sigfillset(&ours.sa_mask);
  sigaction(SIGABRT, &ours, NULL);
}
