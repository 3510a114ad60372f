#include "loader.h"

#include <dlfcn.h>

#include "faults.h"
#include "signals.h"

namespace mscp {
namespace {

#ifdef __APPLE__
constexpr char kFileName[] = "libmscp.dylib";
#else
constexpr char kFileName[] = "libmscp.so";
#endif

constexpr char kNotLoaded[] = "ERR_LIBRARY_NOT_LOADED";
constexpr char kMismatch[] = "ERR_ABI_MISMATCH";

using OpenAbi = const mscp_table* (*)(uint32_t version, uint32_t* library_version);

std::string PathBesideAddon() {
  Dl_info info;
  if (dladdr(reinterpret_cast<const void*>(&PathBesideAddon), &info) == 0) return kFileName;
  const std::string addon = info.dli_fname;
  return addon.substr(0, addon.find_last_of('/') + 1) + kFileName;
}

Library Failed(const char* code, std::string error) { return {nullptr, code, std::move(error)}; }

Library Load() {
  const std::string path = PathBesideAddon();
  // The threads that Go starts keep the mask of the one that loads it.
  const SignalShield shield;
  const UrgentSignal urgent;
  FaultReports faults;
  // RTLD_NODELETE: a Go runtime cannot be unloaded.
  void* const library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (library == nullptr) {
    // Of this thread, as glibc and macOS have it. NOLINTNEXTLINE(concurrency-mt-unsafe)
    return Failed(kNotLoaded, std::string("cannot load the core: ") + dlerror());
  }
  faults.Loaded();
  const auto open_abi = reinterpret_cast<OpenAbi>(dlsym(library, "mscp_open_abi"));
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
