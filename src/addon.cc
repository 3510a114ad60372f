// The addon: open() makes a Bridge. What it does is in bridge.h.
#include <napi.h>

#include <memory>
#include <vector>

#include "bridge.h"

namespace mscp {
namespace {

// The instance data: what one Node environment has opened.
struct Addon {
  std::vector<std::unique_ptr<Bridge>> bridges;
};

// open(onRing): an object, see Bridge::ToObject
Napi::Value Open(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (!info[0].IsFunction()) {
    Napi::TypeError::New(env, "open() takes a function").ThrowAsJavaScriptException();
    return env.Undefined();
  }
  auto bridge = std::make_unique<Bridge>();
  if (!bridge->Open(env, info[0].As<Napi::Function>())) return env.Undefined();
  auto& bridges = env.GetInstanceData<Addon>()->bridges;
  bridges.push_back(std::move(bridge));
  return bridges.back()->ToObject();
}

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  env.SetInstanceData(std::make_unique<Addon>().release());
  exports.Set("open", Napi::Function::New<Open>(env, "open"));
  return exports;
}

NODE_API_MODULE(mscp, Init)

}  // namespace
}  // namespace mscp
