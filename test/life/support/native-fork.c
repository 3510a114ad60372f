// Native code of an app that forks without exec: fork(milliseconds) gives the pid of a child that sleeps and ends by
// _exit(7), and wait(pid) its status.
#include <node_api.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int32_t number(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value argument;
  int32_t value = 0;
  napi_get_cb_info(env, info, &count, &argument, NULL, NULL);
  napi_get_value_int32(env, argument, &value);
  return value;
}

static napi_value value_of(napi_env env, int32_t number) {
  napi_value value = NULL;
  napi_create_int32(env, number, &value);
  return value;
}

static napi_value fork_here(napi_env env, napi_callback_info info) {
  const int32_t milliseconds = number(env, info);
  const pid_t pid = fork();
  if (pid == 0) {
    const struct timespec time = {milliseconds / 1000, milliseconds % 1000 * 1000000L};
    nanosleep(&time, NULL);
    _exit(7);
  }
  return value_of(env, pid);
}

static napi_value wait_for(napi_env env, napi_callback_info info) {
  int status = -1;
  if (waitpid(number(env, info), &status, 0) < 0 || !WIFEXITED(status)) return value_of(env, -1);
  return value_of(env, WEXITSTATUS(status));
}

NAPI_MODULE_INIT() {
  napi_value function;
  napi_create_function(env, "fork", NAPI_AUTO_LENGTH, fork_here, NULL, &function);
  napi_set_named_property(env, exports, "fork", function);
  napi_create_function(env, "wait", NAPI_AUTO_LENGTH, wait_for, NULL, &function);
  napi_set_named_property(env, exports, "wait", function);
  return exports;
}
