// Bytes on their way between JavaScript and the core.
#pragma once

#include <napi.h>

#include <vector>

#include "abi.h"

namespace mscp {

// Bytes of a JavaScript value, valid until the value or the scratch changes.
struct Bytes {
  const uint8_t* data = nullptr;
  size_t length = 0;
};

// Room that strings are copied into, kept from one call to the next.
class Scratch {
 public:
  // UTF-8 of a string; lone surrogates become U+FFFD. False if it is none.
  bool ReadString(napi_env env, napi_value value, Bytes* bytes);

 private:
  std::vector<char> room_;
};

// Borrows the bytes of an ArrayBuffer, a typed array or a DataView. False if
// the value is none of them.
bool BorrowBytes(napi_env env, napi_value value, Bytes* bytes);

// An ArrayBuffer of the bytes that were lent under token, without a copy where
// the JavaScript engine allows it. They go back when it is detached or
// collected. undefined if the token is not lent.
napi_value AcquireBuffer(napi_env env, const mscp_table* table, mscp_env core, uint64_t token);

}  // namespace mscp
