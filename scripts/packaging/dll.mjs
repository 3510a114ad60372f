// What a DLL asks of the Windows that it is loaded into, and what it shows to others.
import { execFileSync } from 'node:child_process';
import path from 'node:path';

/** What every Windows 10 has. */
const OF_THE_SYSTEM = new Set(
  'advapi32 bcrypt gdi32 kernel32 msvcrt ole32 oleaut32 shlwapi user32 ws2_32 wsock32'
    .split(' ')
    .map((name) => `${name}.dll`),
);

/** What they show: Go's linker has them show whatever Go exports to C, its modules' callbacks too. */
const SHOWN = {
  'mscp.node': /^(?:napi_register_module_v1|node_api_module_get_api_version_v1)$/,
  'libmscp.dll': /^(?:mscp_open_abi|(?:mscp|go)[A-Z]\w*)$/,
};

const MACHINES = { x64: 'pei-x86-64' };

const HARDENING = ['HIGH_ENTROPY_VA', 'DYNAMIC_BASE', 'NX_COMPAT'];

/** Reads `file` by the objdump of mingw-w64. */
function inspectDll(file, { tool }) {
  const options = { encoding: 'utf8', maxBuffer: 1 << 26, env: { ...process.env, LC_ALL: 'C' } };
  const text = execFileSync(tool('objdump'), ['--private-headers', file], options);
  const all = (pattern, from = text) => [...from.matchAll(pattern)].map(([, found]) => found);
  const [, names = ''] = /^\[Ordinal\/Name Pointer\] Table.*\n([^]*?)(?=\n\n)/m.exec(text) ?? [];
  return {
    machine: /file format (\S+)/.exec(text)?.[1],
    needed: all(/DLL Name: (\S+)/g),
    exported: all(/^\s*\[ *\d+\].*? (\w+)$/gm, names),
    hardened: HARDENING.filter((name) => new RegExp(`^\\s+${name}$`, 'm').test(text)),
  };
}

/**
 * What is wrong with a DLL that is to be shipped, one sentence each.
 *
 * @param target - Of the platform.
 */
export function faultsOfDll(file, target) {
  const found = inspectDll(file, target);
  const foreign = found.needed.filter((name) => !OF_THE_SYSTEM.has(name.toLowerCase()));
  const shown = SHOWN[path.basename(file)];
  const strange = found.exported.filter((name) => !shown.test(name));
  const missing = HARDENING.filter((name) => !found.hardened.includes(name));
  const faults = [
    [found.machine !== MACHINES[target.arch], `is ${found.machine}, not for ${target.arch}`],
    [foreign.length > 0, `needs ${foreign.join(', ')}`],
    [strange.length > 0, `shows ${strange.join(', ')}`],
    [!found.exported.some((name) => shown.test(name)), 'shows nothing'],
    [missing.length > 0, `is not ${missing.join(', ')}`],
  ];
  return faults.filter(([isFault]) => isFault).map(([, fault]) => fault);
}
