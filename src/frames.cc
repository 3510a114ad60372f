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
// transferred meanwhile, and freed.
class Conversion : public Napi::AsyncWorker {
 public:
  Conversion(Napi::Env env, const mscp_table* table, mscp_env core, uint64_t token,
             const mscp_frame& part, size_t length)
      : Napi::AsyncWorker(env, "mediasoup-client-pion"),
        table_(table),
        core_(core),
        token_(token),
        part_(part),
        length_(length),
        promise_(Napi::Promise::Deferred::New(env)) {}

  ~Conversion() override { std::free(room_); }

  Napi::Promise Promise() const { return promise_.Promise(); }

  void Execute() override {
    room_ = static_cast<uint8_t*>(std::malloc(length_ == 0 ? 1 : length_));
    if (room_ == nullptr) return;
    status_ = table_->frame_copy(core_, token_, &part_, room_, length_);
  }

  void OnOK() override {
    const Napi::Env env = Env();
    if (status_ != MSCP_OK) {
      promise_.Resolve(Napi::Number::New(env, status_));
      return;
    }
    Napi::ArrayBuffer copy = Napi::ArrayBuffer::New(env, length_);
    if (env.IsExceptionPending()) {
      promise_.Reject(env.GetAndClearPendingException().Value());
      return;
    }
    std::memcpy(copy.Data(), room_, length_);
    promise_.Resolve(copy);
  }

 private:
  const mscp_table* table_;
  mscp_env core_;
  uint64_t token_;
  mscp_frame part_;
  size_t length_;
  Napi::Promise::Deferred promise_;
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
  // It frees itself.
  auto* conversion = new Conversion(info.Env(), table_, core_, token, *frame_data_, length);
  Napi::Promise promise = conversion->Promise();
  conversion->Queue();
  return promise;
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
  if (!env.IsExceptionPending()) std::memcpy(copy.Data(), lent.data, lent.length);
  table_->frame_return(lent.loan);
  return copy;
}

Napi::Value Bridge::Detach(const Napi::CallbackInfo& info) {
  if (info[0].IsArrayBuffer()) napi_detach_arraybuffer(env_, info[0]);
  return info.Env().Undefined();
}

}  // namespace mscp
