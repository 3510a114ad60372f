package av

// #ifdef _WIN32
// static int mscp_free_threads(int n) { return n; }
// #else
// #include <pthread.h>
// #include <signal.h>
// #include <stdlib.h>
//
// static void *mscp_wait_for(void *lock) {
//   pthread_mutex_lock(lock);
//   pthread_mutex_unlock(lock);
//   return NULL;
// }
//
// // Makes up to n threads that end at once, and tells how many there were side by side.
// static int mscp_free_threads(int n) {
//   pthread_t *all = calloc(n, sizeof(*all));
//   if (!all) return 0;
//   pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
//   pthread_attr_t small;
//   pthread_attr_init(&small);
//   pthread_attr_setstacksize(&small, 256 << 10);
//   sigset_t none, before;
//   sigfillset(&none);
//   pthread_sigmask(SIG_SETMASK, &none, &before);
//   int made = 0;
//   pthread_mutex_lock(&lock);
//   while (made < n && pthread_create(&all[made], &small, mscp_wait_for, &lock) == 0) made++;
//   pthread_mutex_unlock(&lock);
//   for (int i = 0; i < made; i++) pthread_join(all[i], NULL);
//   pthread_sigmask(SIG_SETMASK, &before, NULL);
//   pthread_attr_destroy(&small);
//   free(all);
//   return made;
// }
// #endif
import "C"

// FreeThreads tells how many threads more the system would give, up to most: Go and its C libraries end the process where
// they get none.
func FreeThreads(most int) int { return int(C.mscp_free_threads(C.int(most))) }
