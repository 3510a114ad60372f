// Bytes on their way between JavaScript and the core.
#pragma once

#include <napi.h>

#include <vector>

namespace mscp {

// Bytes of a JavaScript value, valid until the value or the scratch changes.
struct Bytes {
  const uint8_t* data = nullptr;
  size_t length = 0;
};

struct MutableBytes {
  uint8_t* data = nullptr;
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

// Borrows the bytes of a Uint8Array. False if the value is none.
bool BorrowBytes(napi_env env, napi_value value, MutableBytes* bytes);

}  // namespace mscp
