// On Windows, what the addon needs of Node.js is that of the program which runs, however it is
// called: node.exe, Electron, or a copy under another name.
#ifdef _WIN32

// The second needs the first.
// clang-format off
#include <windows.h>
#include <delayimp.h>
// clang-format on

#include <cstring>

extern "C" {

FARPROC WINAPI OnDelayedLoad(unsigned event, PDelayLoadInfo info) {
  if (event != dliNotePreLoadLibrary || _stricmp(info->szDll, "node.exe") != 0) return nullptr;
  return reinterpret_cast<FARPROC>(GetModuleHandleW(nullptr));
}

PfnDliHook __pfnDliNotifyHook2 = OnDelayedLoad;

}  // extern "C"

#endif
