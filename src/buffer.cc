#include "buffer.h"

#include <cstring>
#include <memory>

namespace mscp {
namespace {

constexpr size_t kSmallScratch = 4 << 10;
constexpr size_t kLargeScratch = 1 << 20;
// The longest UTF-8 character: less room left than this may hide one cut off.
constexpr size_t kLongestCharacter = 4;

// Bytes lent by the core. The end of a Loan is the end of the lending.
class Loan {
 public:
  Loan(const mscp_table* table, mscp_env core, uint64_t token)
      : table_(table), core_(core), token_(token) {}
  ~Loan() { table_->release(core_, token_); }
  Loan(const Loan&) = delete;
  Loan& operator=(const Loan&) = delete;

 private:
  const mscp_table* const table_;
  const mscp_env core_;
  const uint64_t token_;
};

void EndLoan(napi_env, void*, void* loan) { delete static_cast<Loan*>(loan); }

napi_value CopyOf(napi_env env, const uint8_t* data, size_t length) {
  void* room = nullptr;
  napi_value copy = nullptr;
  if (napi_create_arraybuffer(env, length, &room, &copy) != napi_ok) return nullptr;
  std::memcpy(room, data, length);
  return copy;
}

}  // namespace

bool Scratch::ReadString(napi_env env, napi_value value, Bytes* bytes) {
  if (room_.size() < kSmallScratch || room_.size() > kLargeScratch) {
    room_.resize(kSmallScratch);
    room_.shrink_to_fit();
  }
  size_t length = 0;
  if (napi_get_value_string_utf8(env, value, room_.data(), room_.size(), &length) != napi_ok) {
    return false;
  }
  if (length + kLongestCharacter >= room_.size()) {
    napi_get_value_string_utf8(env, value, nullptr, 0, &length);
    room_.resize(length + 1 + kLongestCharacter);
    napi_get_value_string_utf8(env, value, room_.data(), room_.size(), &length);
  }
  *bytes = {reinterpret_cast<const uint8_t*>(room_.data()), length};
  return true;
}

bool BorrowBytes(napi_env env, napi_value value, Bytes* bytes) {
  void* data = nullptr;
  bool is = false;
  if (napi_is_typedarray(env, value, &is) == napi_ok && is) {
    napi_typedarray_type type;
    size_t elements = 0;
    napi_get_typedarray_info(env, value, &type, &elements, &data, nullptr, nullptr);
    constexpr size_t kSizes[] = {1, 1, 1, 2, 2, 4, 4, 4, 8, 8, 8};
    bytes->length = elements * kSizes[type];
  } else if (napi_is_arraybuffer(env, value, &is) == napi_ok && is) {
    napi_get_arraybuffer_info(env, value, &data, &bytes->length);
  } else if (napi_is_dataview(env, value, &is) == napi_ok && is) {
    napi_get_dataview_info(env, value, &bytes->length, &data, nullptr, nullptr);
  } else {
    return false;
  }
  bytes->data = static_cast<const uint8_t*>(data);
  return true;
}

napi_value AcquireBuffer(napi_env env, const mscp_table* table, mscp_env core, uint64_t token) {
  uint8_t* data = nullptr;
  size_t length = 0;
  if (table->acquire(core, token, &data, &length) != MSCP_OK) return nullptr;
  auto loan = std::make_unique<Loan>(table, core, token);
  napi_value buffer = nullptr;
  const napi_status status =
      napi_create_external_arraybuffer(env, data, length, EndLoan, loan.get(), &buffer);
  if (status != napi_ok) return CopyOf(env, data, length);
  loan.release();
  return buffer;
}

}  // namespace mscp
