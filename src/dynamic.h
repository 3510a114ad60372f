// Shared libraries, as each system has them.
#pragma once

#include <string>

namespace mscp {

// Loads the library of this name from the folder of the addon. Neither is ever unloaded: a Go
// runtime cannot be, and finalizers and the doorbell may run after a worker thread. *path is what
// was tried; nullptr when error says why not.
void* OpenBesideAddon(const char* name, std::string* path, std::string* error);

// A function of a library, or nullptr.
void* FindIn(void* library, const char* function);

}  // namespace mscp
