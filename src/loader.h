// Finds and loads the Go library, once a process.
#pragma once

#include <string>

#include "abi.h"

namespace mscp {

struct Library {
  // nullptr when the library could not be loaded; code and error say why.
  const mscp_table* table = nullptr;
  const char* code = "";
  std::string error;
};

// Loads the library from the folder of the addon, the first time. Any thread.
const Library& LoadLibrary();

}  // namespace mscp
