// Frames: what Bridge has of them.
#include <cstdlib>
#include <cstring>
#include <memory>

#include "bridge.h"
#include "numbers.h"

namespace mscp {
namespace {

// What a lent plane is given back by, on the JavaScript thread or when it ends.
struct Loan {
  const mscp_table* table;
  uint64_t number;
};

void Return(napi_env, void*, void* hint) {
  const std::unique_ptr<Loan> loan(static_cast<Loan*>(hint));
  loan->table->frame_return(loan->number);
}

// A copy that is made on another thread. It has memory of its own: what JavaScript has may be
// transferred meanwhile, and freed. Calls of Node-API fail once the thread of JavaScript ends: then
// nobody waits.
class Conversion {
 public:
  Conversion(const mscp_table* table, mscp_env core, uint64_t token, const mscp_frame& part,
             size_t length)
      : table_(table), core_(core), token_(token), part_(part), length_(length) {}
  ~Conversion() { std::free(room_); }
  Conversion(const Conversion&) = delete;
  Conversion& operator=(const Conversion&) = delete;

  // Begins, and gives the promise; null when it can't. Then, or when it is done, it frees itself.
  static napi_value Start(napi_env env, std::unique_ptr<Conversion> conversion) {
    napi_value promise = nullptr;
    napi_value name = nullptr;
    Conversion* const c = conversion.get();
    if (napi_create_string_utf8(env, "mediasoup-client-pion", NAPI_AUTO_LENGTH, &name) != napi_ok ||
        napi_create_async_work(env, nullptr, name, Execute, Complete, c, &c->work_) != napi_ok) {
      return nullptr;
    }
    if (napi_create_promise(env, &c->deferred_, &promise) != napi_ok ||
        napi_queue_async_work(env, c->work_) != napi_ok) {
      napi_delete_async_work(env, c->work_);
      return nullptr;
    }
    static_cast<void>(conversion.release());
    return promise;
  }

 private:
  static void Execute(napi_env, void* conversion) {
    auto* c = static_cast<Conversion*>(conversion);
    c->room_ = static_cast<uint8_t*>(std::malloc(c->length_ == 0 ? 1 : c->length_));
    if (c->room_ == nullptr) return;
    c->status_ = c->table_->frame_copy(c->core_, c->token_, &c->part_, c->room_, c->length_);
  }

  static void Complete(napi_env env, napi_status, void* conversion) {
    const std::unique_ptr<Conversion> c(static_cast<Conversion*>(conversion));
    napi_value result = nullptr;
    void* data = nullptr;
    if (c->status_ == MSCP_OK &&
        napi_create_arraybuffer(env, c->length_, &data, &result) == napi_ok) {
      std::memcpy(data, c->room_, c->length_);
    } else if (napi_create_int32(env, c->status_ == MSCP_OK ? MSCP_FAILED : c->status_, &result) !=
               napi_ok) {
      result = nullptr;
    }
    if (result != nullptr) napi_resolve_deferred(env, c->deferred_, result);
    napi_delete_async_work(env, c->work_);
  }

  const mscp_table* table_;
  mscp_env core_;
  uint64_t token_;
  mscp_frame part_;
  size_t length_;
  napi_async_work work_ = nullptr;
  napi_deferred deferred_ = nullptr;
  uint8_t* room_ = nullptr;
  int32_t status_ = MSCP_FAILED;
};

}  // namespace

Napi::Value Bridge::FrameTake(const Napi::CallbackInfo& info) {
  uint64_t handle = 0;
  if (core_ == 0) return Number(info, MSCP_CLOSED);
  if (!ReadHandle(env_, info[0], &handle)) return Number(info, MSCP_BAD_ARGUMENT);
  return Number(info, table_->frame_take(core_, handle, frame_data_));
}

Napi::Value Bridge::FrameMake(const Napi::CallbackInfo& info) {
  MutableBytes data;
  if (core_ == 0) return Number(info, MSCP_CLOSED);
  if (!BorrowBytes(env_, info[0], &data)) return Number(info, MSCP_BAD_ARGUMENT);
  return Number(info, table_->frame_make(core_, frame_data_, data.data, data.length));
}

Napi::Value Bridge::FrameWrite(const Napi::CallbackInfo& info) {
  uint64_t handle = 0;
  uint64_t token = 0;
  if (core_ == 0) return Number(info, MSCP_CLOSED);
  if (!ReadHandle(env_, info[0], &handle) || !ReadHandle(env_, info[1], &token)) {
    return Number(info, MSCP_BAD_ARGUMENT);
  }
  return Number(info, table_->frame_write(core_, handle, token, frame_data_));
}

Napi::Value Bridge::FrameRelease(const Napi::CallbackInfo& info) {
  uint64_t token = 0;
  if (core_ == 0) return Number(info, MSCP_CLOSED);
  if (!ReadHandle(env_, info[0], &token)) return Number(info, MSCP_BAD_ARGUMENT);
  return Number(info, table_->frame_release(core_, token));
}

Napi::Value Bridge::FrameCopy(const Napi::CallbackInfo& info) {
  uint64_t token = 0;
  MutableBytes room;
  if (core_ == 0) return Number(info, MSCP_CLOSED);
  if (!ReadHandle(env_, info[0], &token) || !BorrowBytes(env_, info[1], &room)) {
    return Number(info, MSCP_BAD_ARGUMENT);
  }
  return Number(info, table_->frame_copy(core_, token, frame_data_, room.data, room.length));
}

Napi::Value Bridge::FrameConvert(const Napi::CallbackInfo& info) {
  uint64_t token = 0;
  uint32_t length = 0;
  if (core_ == 0) return Number(info, MSCP_CLOSED);
  if (!ReadHandle(env_, info[0], &token) || !ReadUint32(env_, info[1], &length)) {
    return Number(info, MSCP_BAD_ARGUMENT);
  }
  napi_value promise = Conversion::Start(
      env_, std::make_unique<Conversion>(table_, core_, token, *frame_data_, length));
  if (promise == nullptr) return Number(info, MSCP_FAILED);
  return {env_, promise};
}

Napi::Value Bridge::FramePlane(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  uint64_t token = 0;
  uint32_t plane = 0;
  if (core_ == 0) return Number(info, MSCP_CLOSED);
  if (!ReadHandle(env_, info[0], &token) || !ReadUint32(env_, info[1], &plane)) {
    return Number(info, MSCP_BAD_ARGUMENT);
  }
  mscp_plane lent;
  const int32_t status = table_->frame_lend(core_, token, plane, &lent);
  if (status != MSCP_OK) return Number(info, status);
  auto loan = std::make_unique<Loan>(Loan{table_, lent.loan});
  napi_value buffer = nullptr;
  const napi_status made = napi_create_external_arraybuffer(
      env, const_cast<uint8_t*>(lent.data), lent.length, Return, loan.get(), &buffer);
  if (made == napi_ok) {
    // Return has it now.
    static_cast<void>(loan.release());
    return {env, buffer};
  }
  // Electron takes no foreign memory.
  Napi::ArrayBuffer copy = Napi::ArrayBuffer::New(env, lent.length);
  if (!copy.IsEmpty()) std::memcpy(copy.Data(), lent.data, lent.length);
  table_->frame_return(lent.loan);
  return copy;
}

Napi::Value Bridge::Detach(const Napi::CallbackInfo& info) {
  if (info[0].IsArrayBuffer()) napi_detach_arraybuffer(env_, info[0]);
  return info.Env().Undefined();
}

}  // namespace mscp
