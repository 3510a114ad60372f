// The addon: open() makes a Bridge. What it does is in bridge.h.
#include <napi.h>

#include <memory>
#include <utility>

#include "bridge.h"

namespace mscp {
namespace {

// open(onRing): an object, see Bridge::ToObject
Napi::Value Open(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (!info[0].IsFunction()) {
    Napi::TypeError::New(env, "open() takes a function").ThrowAsJavaScriptException();
    return env.Undefined();
  }
  auto bridge = std::make_unique<Bridge>();
  if (!bridge->Open(env, info[0].As<Napi::Function>())) return env.Undefined();
  return Bridge::ToObject(std::move(bridge));
}

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  exports.Set("open", Napi::Function::New<Open>(env, "open"));
  return exports;
}

NODE_API_MODULE(mscp, Init)

}  // namespace
}  // namespace mscp
