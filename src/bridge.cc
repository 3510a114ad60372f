#include "bridge.h"

#include <string>

#include "loader.h"
#include "numbers.h"
#include "signals.h"

namespace mscp {
namespace {

template <auto method>
Napi::Value Forward(const Napi::CallbackInfo& info) {
  return (static_cast<Bridge*>(info.Data())->*method)(info);
}

void Throw(Napi::Env env, const char* code, const std::string& message) {
  Napi::Error error = Napi::Error::New(env, message);
  error.Set("code", Napi::String::New(env, code));
  error.ThrowAsJavaScriptException();
}

}  // namespace

Bridge::~Bridge() {
  if (hooked_) napi_remove_env_cleanup_hook(env_, CleanUp, this);
  Close();
}

bool Bridge::Open(Napi::Env env, Napi::Function on_ring) {
  const Library& library = LoadLibrary();
  if (library.table == nullptr) {
    Throw(env, library.code, library.error);
    return false;
  }
  // Of a thread that is being terminated any call fails, without an exception.
  Napi::ArrayBuffer batch = Napi::ArrayBuffer::New(env, MSCP_BATCH_SIZE);
  if (batch.IsEmpty()) return false;
  env_ = env;
  table_ = library.table;
  batch_ = Napi::Reference<Napi::ArrayBuffer>::New(batch, 1);
  batch_data_ = static_cast<uint8_t*>(batch.Data());
  Napi::Float64Array frame = Napi::Float64Array::New(env, sizeof(mscp_frame) / sizeof(double));
  if (frame.IsEmpty()) return false;
  frame_ = Napi::Reference<Napi::Float64Array>::New(frame, 1);
  frame_data_ = reinterpret_cast<mscp_frame*>(frame.Data());

  // As the handles of Node.js have it: by this the hooks of Jest's --detectOpenHandles know what is
  // open.
  Napi::Object resource = Napi::Object::New(env);
  resource.Set("hasRef", Napi::Function::New(
                             env,
                             [keeps = keeps_alive_](const Napi::CallbackInfo& info) -> Napi::Value {
                               return Napi::Boolean::New(info.Env(), *keeps);
                             },
                             "hasRef"));
  on_ring_ = Napi::Weak(on_ring);
  if (napi_create_threadsafe_function(env, nullptr, resource,
                                      Napi::String::New(env, "mediasoup-client-pion"), 0, 1,
                                      nullptr, nullptr, this, CallJs, &doorbell_) != napi_ok) {
    Throw(env, "ERR_INTERNAL", "cannot make a doorbell");
    return false;
  }
  napi_unref_threadsafe_function(env, doorbell_);
  // After the doorbell was made, so that it runs before the doorbell's own.
  hooked_ = napi_add_env_cleanup_hook(env, CleanUp, this) == napi_ok;

  int32_t status = MSCP_OK;
  {
    const SignalShield shield;
    static_assert(sizeof(bell_) == sizeof(uint32_t) && decltype(bell_)::is_always_lock_free);
    status = table_->env_open(Ring, this, reinterpret_cast<uint32_t*>(&bell_), &core_);
  }
  if (status != MSCP_OK) {
    Close();
    Throw(env, "ERR_INTERNAL", "the core cannot open an environment: " + std::to_string(status));
    return false;
  }
  return true;
}

Napi::Value Bridge::ToObject(std::unique_ptr<Bridge> bridge) {
  const Napi::Env env = bridge->env_;
  Napi::Object object = Napi::Object::New(env);
  // Of a thread that is being terminated it fails, and nobody gets the object.
  if (napi_wrap(env, object, bridge.get(), Collected, nullptr, nullptr) != napi_ok) return {};
  bridge.release()->Describe(object);
  return object;
}

void Bridge::Collected(napi_env, void* bridge, void*) {
  const std::unique_ptr<Bridge> gone(static_cast<Bridge*>(bridge));
}

void Bridge::Describe(Napi::Object object) {
  const Napi::Env env = env_;
  object.Set("onRing", on_ring_.Value());
  object.Set("batch", batch_.Value());
  object.Set("call", Napi::Function::New<Forward<&Bridge::Call>>(env, "call", this));
  object.Set("poll", Napi::Function::New<Forward<&Bridge::Poll>>(env, "poll", this));
  object.Set("send", Napi::Function::New<Forward<&Bridge::Send>>(env, "send", this));
  object.Set("query", Napi::Function::New<Forward<&Bridge::Query>>(env, "query", this));
  object.Set("take", Napi::Function::New<Forward<&Bridge::Take>>(env, "take", this));
  object.Set("frame", frame_.Value());
  object.Set("frameTake", Napi::Function::New<Forward<&Bridge::FrameTake>>(env, "frameTake", this));
  object.Set("frameMake", Napi::Function::New<Forward<&Bridge::FrameMake>>(env, "frameMake", this));
  object.Set("frameWrite",
             Napi::Function::New<Forward<&Bridge::FrameWrite>>(env, "frameWrite", this));
  object.Set("frameRelease",
             Napi::Function::New<Forward<&Bridge::FrameRelease>>(env, "frameRelease", this));
  object.Set("frameCopy", Napi::Function::New<Forward<&Bridge::FrameCopy>>(env, "frameCopy", this));
  object.Set("frameConvert",
             Napi::Function::New<Forward<&Bridge::FrameConvert>>(env, "frameConvert", this));
  object.Set("framePlane",
             Napi::Function::New<Forward<&Bridge::FramePlane>>(env, "framePlane", this));
  object.Set("detach", Napi::Function::New<Forward<&Bridge::Detach>>(env, "detach", this));
  object.Set("keepAlive", Napi::Function::New<Forward<&Bridge::KeepAlive>>(env, "keepAlive", this));
  object.Set("hold", Napi::Function::New<Forward<&Bridge::Hold>>(env, "hold", this));
}

Napi::Value Bridge::Call(const Napi::CallbackInfo& info) {
  uint32_t request = 0;
  uint64_t handle = 0;
  uint32_t method = 0;
  Bytes body;
  if (core_ == 0) return Number(info, MSCP_CLOSED);
  if (!ReadUint32(env_, info[0], &request) || !ReadHandle(env_, info[1], &handle) ||
      !ReadUint32(env_, info[2], &method) || !scratch_.ReadString(env_, info[3], &body)) {
    return Number(info, MSCP_BAD_ARGUMENT);
  }
  return Number(info, table_->call(core_, request, handle, method, body.data, body.length));
}

Napi::Value Bridge::Poll(const Napi::CallbackInfo& info) {
  if (core_ == 0) return Number(info, MSCP_CLOSED);
  // Nothing came since the last poll: the next record rings.
  uint32_t polled = MSCP_BELL_POLLED;
  if (bell_.compare_exchange_strong(polled, MSCP_BELL_ARMED)) return Number(info, 0);
  size_t length = 0;
  const int32_t status = table_->poll(core_, batch_data_, MSCP_BATCH_SIZE, &length);
  return Number(info, status == MSCP_OK ? static_cast<double>(length) : status);
}

Napi::Value Bridge::Send(const Napi::CallbackInfo& info) {
  uint64_t handle = 0;
  bool text = false;
  if (core_ == 0) return Number(info, MSCP_CLOSED);
  if (!ReadHandle(env_, info[0], &handle) || napi_get_value_bool(env_, info[2], &text) != napi_ok) {
    return Number(info, MSCP_BAD_ARGUMENT);
  }
  MutableBytes borrowed;
  Bytes bytes;
  if (BorrowBytes(env_, info[1], &borrowed)) {
    bytes = {borrowed.data, borrowed.length};
  } else if (!scratch_.ReadString(env_, info[1], &bytes)) {
    return Number(info, MSCP_BAD_ARGUMENT);
  }
  return Number(info, table_->send(core_, handle, text ? 1 : 0, bytes.data, bytes.length));
}

Napi::Value Bridge::Query(const Napi::CallbackInfo& info) {
  uint64_t handle = 0;
  uint32_t what = 0;
  if (core_ == 0) return Number(info, MSCP_CLOSED);
  if (!ReadHandle(env_, info[0], &handle) || !ReadUint32(env_, info[1], &what)) {
    return Number(info, MSCP_BAD_ARGUMENT);
  }
  int64_t value = 0;
  const int32_t status = table_->query(core_, handle, what, &value);
  return Number(info, status == MSCP_OK ? static_cast<double>(value) : status);
}

Napi::Value Bridge::Take(const Napi::CallbackInfo& info) {
  uint64_t token = 0;
  MutableBytes room;
  if (core_ == 0) return Number(info, MSCP_CLOSED);
  if (!ReadHandle(env_, info[0], &token) || !BorrowBytes(env_, info[1], &room)) {
    return Number(info, MSCP_BAD_ARGUMENT);
  }
  return Number(info, table_->take(core_, token, room.data, room.length));
}

Napi::Value Bridge::KeepAlive(const Napi::CallbackInfo& info) {
  bool alive = false;
  napi_get_value_bool(env_, info[0], &alive);
  *keeps_alive_ = doorbell_ != nullptr && alive;
  if (*keeps_alive_) {
    napi_ref_threadsafe_function(env_, doorbell_);
  } else if (doorbell_ != nullptr) {
    napi_unref_threadsafe_function(env_, doorbell_);
  }
  return info.Env().Undefined();
}

Napi::Value Bridge::Hold(const Napi::CallbackInfo& info) {
  bool held = false;
  napi_get_value_bool(env_, info[0], &held);
  if (held) {
    on_ring_.Ref();
  } else {
    on_ring_.Unref();
  }
  return info.Env().Undefined();
}

// Any thread, between env_open and the end of env_close.
void Bridge::Ring(void* bridge) {
  // It cannot be full, and is not closed before env_close has returned.
  napi_call_threadsafe_function(static_cast<Bridge*>(bridge)->doorbell_, nullptr,
                                napi_tsfn_nonblocking);
}

void Bridge::CallJs(napi_env env, napi_value, void* bridge, void*) {
  // Without env, the Node environment, or the bridge, is going away.
  if (env == nullptr) return;
  const Napi::Function on_ring = static_cast<Bridge*>(bridge)->on_ring_.Value();
  napi_value undefined = nullptr;
  // It may have been collected.
  if (on_ring.IsEmpty() || napi_get_undefined(env, &undefined) != napi_ok) return;
  // What it throws, Node reports as an uncaught exception.
  napi_call_function(env, undefined, on_ring, 0, nullptr, nullptr);
}

void Bridge::CleanUp(void* bridge) {
  auto* const ending = static_cast<Bridge*>(bridge);
  ending->Close();
  ending->hooked_ = false;
}

void Bridge::Close() {
  if (core_ != 0) {
    const SignalShield shield;
    // When it returns, nothing rings any more: the doorbell may go.
    table_->env_close(core_);
    core_ = 0;
  }
  if (doorbell_ != nullptr) {
    napi_release_threadsafe_function(doorbell_, napi_tsfn_abort);
    doorbell_ = nullptr;
  }
}

}  // namespace mscp
