// Numbers on their way between JavaScript and the core.
#pragma once

#include <napi.h>

namespace mscp {

// Handles and tokens: whole numbers that a double carries exactly. False if the value is none.
inline bool ReadHandle(napi_env env, napi_value value, uint64_t* handle) {
  constexpr double kMaxHandle = 9007199254740991;  // 2^53 - 1
  double number = 0;
  if (napi_get_value_double(env, value, &number) != napi_ok) return false;
  if (!(number >= 0 && number <= kMaxHandle)) return false;
  *handle = static_cast<uint64_t>(number);
  return static_cast<double>(*handle) == number;
}

inline bool ReadUint32(napi_env env, napi_value value, uint32_t* number) {
  return napi_get_value_uint32(env, value, number) == napi_ok;
}

inline Napi::Value Number(const Napi::CallbackInfo& info, double number) {
  return Napi::Number::New(info.Env(), number);
}

}  // namespace mscp
