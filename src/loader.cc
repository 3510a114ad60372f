#include "loader.h"

#include "arenas.h"
#include "dynamic.h"
#include "faults.h"
#include "signals.h"

namespace mscp {
namespace {

#if defined(_WIN32)
constexpr char kFileName[] = "libmscp.dll";
#elif defined(__APPLE__)
constexpr char kFileName[] = "libmscp.dylib";
#else
constexpr char kFileName[] = "libmscp.so";
#endif

constexpr char kNotLoaded[] = "ERR_LIBRARY_NOT_LOADED";
constexpr char kMismatch[] = "ERR_ABI_MISMATCH";

using OpenAbi = const mscp_table* (*)(uint32_t version, uint32_t* library_version);

Library Failed(const char* code, std::string error) { return {nullptr, code, std::move(error)}; }

Library Load() {
  LimitArenas();
  // The threads that Go starts keep the mask of the one that loads it.
  const SignalShield shield;
  const UrgentSignal urgent;
  FaultReports faults;
  std::string path;
  std::string error;
  void* const library = OpenBesideAddon(kFileName, &path, &error);
  if (library == nullptr) return Failed(kNotLoaded, "cannot load the core: " + error);
  faults.Loaded();
  const auto open_abi = reinterpret_cast<OpenAbi>(FindIn(library, "mscp_open_abi"));
  if (open_abi == nullptr) {
    return Failed(kNotLoaded, path + " is not the core: it has no mscp_open_abi");
  }
  uint32_t library_version = 0;
  const mscp_table* const table = open_abi(MSCP_ABI_VERSION, &library_version);
  if (table == nullptr || table->version != MSCP_ABI_VERSION || table->size < sizeof(mscp_table)) {
    return Failed(kMismatch, "the addon speaks ABI version " + std::to_string(MSCP_ABI_VERSION) +
                                 ", but " + path + " speaks version " +
                                 std::to_string(library_version) +
                                 ": both must come from the same build");
  }
  // Of no environment: it returns once Go has begun.
  int64_t nothing = 0;
  table->query(0, 0, 0, &nothing);
  return {table, "", ""};
}

}  // namespace

const Library& LoadLibrary() {
  static const Library library = Load();
  return library;
}

}  // namespace mscp
