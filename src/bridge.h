// One environment of the core, and its doorbell.
#pragma once

#include <napi.h>

#include <atomic>

#include "abi.h"
#include "buffer.h"

namespace mscp {

// Made by open(), it lives as long as the Node environment. All but Ring run on
// the JavaScript thread.
class Bridge {
 public:
  Bridge() = default;
  ~Bridge();
  Bridge(const Bridge&) = delete;
  Bridge& operator=(const Bridge&) = delete;

  // Opens an environment. on_ring is called when there is something to poll.
  // False when a JavaScript exception says why not.
  bool Open(Napi::Env env, Napi::Function on_ring);

  // The object that open() returns: batch, an ArrayBuffer, and these functions.
  Napi::Object ToObject();

  // call(request, handle, method, json): status
  Napi::Value Call(const Napi::CallbackInfo& info);
  // poll(): bytes in the batch; 0 when there are no more; a negative status
  Napi::Value Poll(const Napi::CallbackInfo& info);
  // send(handle, uint8ArrayOrString, text): status
  Napi::Value Send(const Napi::CallbackInfo& info);
  // query(handle, what): a number, or a negative status
  Napi::Value Query(const Napi::CallbackInfo& info);
  // take(token, uint8Array): status. The array is filled with what was lent, which JavaScript
  // then has in memory of its own: V8 neither moves foreign memory to another thread nor, in
  // Electron, takes any. An empty one drops it
  Napi::Value Take(const Napi::CallbackInfo& info);
  // keepAlive(boolean): whether the doorbell keeps the process alive
  Napi::Value KeepAlive(const Napi::CallbackInfo& info);

 private:
  // hasRef(): what keepAlive() was told last
  Napi::Value HasRef(const Napi::CallbackInfo& info);
  static void Ring(void* bridge);
  static void CallJs(napi_env env, napi_value on_ring, void* bridge, void* data);
  static void CleanUp(void* bridge);
  void Close();

  napi_env env_ = nullptr;
  const mscp_table* table_ = nullptr;
  mscp_env core_ = 0;
  napi_threadsafe_function doorbell_ = nullptr;
  // See abi.h.
  std::atomic<uint32_t> bell_{MSCP_BELL_ARMED};
  bool keeps_alive_ = false;
  Napi::Reference<Napi::ArrayBuffer> batch_;
  uint8_t* batch_data_ = nullptr;
  Scratch scratch_;
};

}  // namespace mscp
