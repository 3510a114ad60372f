// One environment of the core, and its doorbell.
#pragma once

#include <napi.h>

#include <atomic>
#include <memory>

#include "abi.h"
#include "buffer.h"

namespace mscp {

// Made by open(), it lives as long as the object that JavaScript has of it, or the Node
// environment. All but Ring run on the JavaScript thread.
class Bridge {
 public:
  Bridge() = default;
  ~Bridge();
  Bridge(const Bridge&) = delete;
  Bridge& operator=(const Bridge&) = delete;

  // Opens an environment. on_ring is called when there is something to poll.
  // False when a JavaScript exception says why not.
  bool Open(Napi::Env env, Napi::Function on_ring);

  // The object that open() returns: onRing, which lives as long as it does, batch, an ArrayBuffer,
  // and these functions, which are not to be used without it. It owns the bridge: with it
  // everything closes.
  static Napi::Value ToObject(std::unique_ptr<Bridge> bridge);

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
  // frameTake(handle), frameMake(uint8Array), frameWrite(handle, token), frameRelease(token):
  // status. What a frame is like is in `frame`, a Float64Array: what abi.h has as mscp_frame
  Napi::Value FrameTake(const Napi::CallbackInfo& info);
  Napi::Value FrameMake(const Napi::CallbackInfo& info);
  Napi::Value FrameWrite(const Napi::CallbackInfo& info);
  Napi::Value FrameRelease(const Napi::CallbackInfo& info);
  // frameCopy(token, uint8Array): status. The part of the frame that `frame` describes, here and
  // now
  Napi::Value FrameCopy(const Napi::CallbackInfo& info);
  // frameConvert(token, length): a promise of an ArrayBuffer of that length, or of a status. As
  // frameCopy, on another thread
  Napi::Value FrameConvert(const Napi::CallbackInfo& info);
  // framePlane(token, plane): an ArrayBuffer, which is the plane itself where Node.js takes foreign
  // memory, and else a copy; or a status
  Napi::Value FramePlane(const Napi::CallbackInfo& info);
  // detach(arrayBuffer): nothing of it can be read after that
  Napi::Value Detach(const Napi::CallbackInfo& info);
  // keepAlive(boolean): whether the doorbell keeps the process alive
  Napi::Value KeepAlive(const Napi::CallbackInfo& info);
  // hold(boolean): whether the doorbell keeps on_ring, and all that it refers to, from being
  // collected, each time another than before, which was false. Else the app does, as long as it
  // has the copy of the package that on_ring is of
  Napi::Value Hold(const Napi::CallbackInfo& info);

 private:
  void Describe(Napi::Object object);
  static void Ring(void* bridge);
  static void CallJs(napi_env env, napi_value on_ring, void* bridge, void* data);
  static void CleanUp(void* bridge);
  static void Collected(napi_env env, void* bridge, void* hint);
  void Close();

  napi_env env_ = nullptr;
  const mscp_table* table_ = nullptr;
  mscp_env core_ = 0;
  napi_threadsafe_function doorbell_ = nullptr;
  // See abi.h.
  std::atomic<uint32_t> bell_{MSCP_BELL_ARMED};
  // What keepAlive() was told last. Who looks for what is open may ask after the bridge's end.
  std::shared_ptr<bool> keeps_alive_ = std::make_shared<bool>(false);
  bool hooked_ = false;
  Napi::FunctionReference on_ring_;
  Napi::Reference<Napi::ArrayBuffer> batch_;
  uint8_t* batch_data_ = nullptr;
  Napi::Reference<Napi::Float64Array> frame_;
  mscp_frame* frame_data_ = nullptr;
  Scratch scratch_;
};

}  // namespace mscp
