#include "buffer.h"

namespace mscp {
namespace {

constexpr size_t kSmallScratch = 4 << 10;
constexpr size_t kLargeScratch = 1 << 20;
// The longest UTF-8 character: less room left than this may hide one cut off.
constexpr size_t kLongestCharacter = 4;

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

bool BorrowBytes(napi_env env, napi_value value, MutableBytes* bytes) {
  // Of a kind that this Node-API has no number for, nothing is written.
  napi_typedarray_type type = napi_float64_array;
  size_t length = 0;
  void* data = nullptr;
  if (napi_get_typedarray_info(env, value, &type, &length, &data, nullptr, nullptr) != napi_ok ||
      type != napi_uint8_array) {
    return false;
  }
  *bytes = {static_cast<uint8_t*>(data), length};
  return true;
}

}  // namespace mscp
