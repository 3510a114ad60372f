// What Windows 10 has, Wine 8 lacks and Go asks for. Tests put it into their prefix as
// bcryptprimitives.dll, which Go loads as it starts; nothing of it is shipped.
// The second needs the first.
// clang-format off
#include <winsock2.h>
#include <windows.h>
// clang-format on

#include <string.h>

// Of mswsock.h since Windows 10.
#ifndef SIO_UDP_NETRESET
#define SIO_UDP_NETRESET _WSAIOW(IOC_VENDOR, 15)
#endif

BOOLEAN NTAPI SystemFunction036(PVOID buffer, ULONG length);

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE data, SIZE_T length) {
  return SystemFunction036(data, (ULONG)length);
}

typedef int(WSAAPI* Ioctl)(SOCKET, DWORD, LPVOID, DWORD, LPVOID, DWORD, LPDWORD, LPWSAOVERLAPPED,
                           LPWSAOVERLAPPED_COMPLETION_ROUTINE);

static Ioctl own_ioctl;

// Wine never tells a UDP socket that a network was unreachable: there is nothing to switch off.
static int WSAAPI with_netreset(SOCKET socket, DWORD code, LPVOID in, DWORD in_size, LPVOID out,
                                DWORD out_size, LPDWORD returned, LPWSAOVERLAPPED overlapped,
                                LPWSAOVERLAPPED_COMPLETION_ROUTINE routine) {
  if (code == SIO_UDP_NETRESET) {
    *returned = 0;
    return 0;
  }
  return own_ioctl(socket, code, in, in_size, out, out_size, returned, overlapped, routine);
}

// What a module exports is written as a distance of 32 bits.
static BYTE* page_after(BYTE* base) {
  for (SIZE_T distance = 1 << 24; distance < 0xf0000000; distance += 1 << 16) {
    void* page =
        VirtualAlloc(base + distance, 4096, MEM_RESERVE | MEM_COMMIT, PAGE_EXECUTE_READWRITE);
    if (page != NULL) return page;
  }
  return NULL;
}

static void replace_export(BYTE* base, const char* name, void* function) {
  const IMAGE_NT_HEADERS* headers = (void*)(base + ((IMAGE_DOS_HEADER*)base)->e_lfanew);
  const IMAGE_EXPORT_DIRECTORY* exports =
      (void*)(base + headers->OptionalHeader.DataDirectory[0].VirtualAddress);
  const DWORD* names = (void*)(base + exports->AddressOfNames);
  const WORD* ordinals = (void*)(base + exports->AddressOfNameOrdinals);
  BYTE* jump = page_after(base);
  if (jump == NULL) return;
  static const BYTE to_what_follows[] = {0xff, 0x25, 0, 0, 0, 0};
  memcpy(jump, to_what_follows, sizeof(to_what_follows));
  memcpy(jump + sizeof(to_what_follows), &function, sizeof(function));
  for (DWORD i = 0; i < exports->NumberOfNames; i++) {
    if (strcmp((char*)(base + names[i]), name) != 0) continue;
    DWORD* entry = (DWORD*)(base + exports->AddressOfFunctions) + ordinals[i];
    DWORD before;
    VirtualProtect(entry, sizeof(*entry), PAGE_READWRITE, &before);
    *entry = (DWORD)(jump - base);
    VirtualProtect(entry, sizeof(*entry), before, &before);
  }
}

BOOL WINAPI DllMain(HINSTANCE module, DWORD reason, LPVOID reserved) {
  (void)module;
  (void)reserved;
  if (reason != DLL_PROCESS_ATTACH) return TRUE;
  HMODULE sockets = GetModuleHandleA("ws2_32.dll");
  if (sockets == NULL) return TRUE;
  own_ioctl = (Ioctl)(void*)GetProcAddress(sockets, "WSAIoctl");
  replace_export((BYTE*)sockets, "WSAIoctl", (void*)with_netreset);
  return TRUE;
}
