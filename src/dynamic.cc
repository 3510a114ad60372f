#include "dynamic.h"

#ifdef _WIN32

#include <windows.h>

namespace mscp {
namespace {

// Nothing is longer.
constexpr DWORD kMostPath = 32768;

std::string Utf8(const std::wstring& wide) {
  const int length = static_cast<int>(wide.size());
  const int size =
      WideCharToMultiByte(CP_UTF8, 0, wide.data(), length, nullptr, 0, nullptr, nullptr);
  std::string text(static_cast<size_t>(size), '\0');
  WideCharToMultiByte(CP_UTF8, 0, wide.data(), length, text.data(), size, nullptr, nullptr);
  return text;
}

std::wstring FolderOfAddon() {
  HMODULE addon = nullptr;
  constexpr DWORD kForever = GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_PIN;
  if (GetModuleHandleExW(kForever, reinterpret_cast<LPCWSTR>(&FolderOfAddon), &addon) == 0) {
    return {};
  }
  std::wstring path(kMostPath, L'\0');
  path.resize(GetModuleFileNameW(addon, path.data(), kMostPath));
  return path.substr(0, path.find_last_of(L"\\/") + 1);
}

std::string ErrorText(DWORD code) {
  wchar_t text[512];
  const DWORD length = FormatMessageW(FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS,
                                      nullptr, code, 0, text, 512, nullptr);
  std::string message = Utf8(std::wstring(text, length));
  while (!message.empty() && static_cast<unsigned char>(message.back()) <= ' ') message.pop_back();
  return message + " (" + std::to_string(code) + ")";
}

}  // namespace

void* OpenBesideAddon(const char* name, std::string* path, std::string* error) {
  const std::wstring file =
      FolderOfAddon() + std::wstring(name, name + std::char_traits<char>::length(name));
  *path = Utf8(file);
  HMODULE library = LoadLibraryExW(file.c_str(), nullptr, LOAD_WITH_ALTERED_SEARCH_PATH);
  if (library == nullptr) {
    *error = *path + ": " + ErrorText(GetLastError());
    return nullptr;
  }
  HMODULE pinned = nullptr;
  GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_PIN, file.c_str(), &pinned);
  return library;
}

void* FindIn(void* library, const char* function) {
  return reinterpret_cast<void*>(GetProcAddress(static_cast<HMODULE>(library), function));
}

}  // namespace mscp

#else

#include <dlfcn.h>

namespace mscp {

void* OpenBesideAddon(const char* name, std::string* path, std::string* error) {
  Dl_info info;
  std::string folder;
  if (dladdr(reinterpret_cast<const void*>(&OpenBesideAddon), &info) != 0) {
    const std::string addon = info.dli_fname;
    folder = addon.substr(0, addon.find_last_of('/') + 1);
  }
  *path = folder + name;
  // What keeps the addon itself is a flag of the linker's (-z nodelete).
  void* const library = dlopen(path->c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  // Of this thread, as glibc and macOS have it. NOLINTNEXTLINE(concurrency-mt-unsafe)
  if (library == nullptr) *error = dlerror();
  return library;
}

void* FindIn(void* library, const char* function) { return dlsym(library, function); }

}  // namespace mscp

#endif
