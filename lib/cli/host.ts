import { accessSync, constants, readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';

/** What is known of the machine without the core. */
export type Host = {
  platform: string;
  arch: string;
  /** Of the kernel. */
  release: string;
  /** Of the system, by its os-release(5). */
  system?: string;
  node: string;
  /** Missing where Node.js is not linked with glibc. */
  glibc?: string;
  processors: number;
  /** In bytes. */
  memory: number;
  /** How many files and sockets may be open; missing where there is no limit. */
  openFiles?: number;
  /** How large a socket's receive buffer may be, in bytes. */
  socketBuffer?: number;
  display?: string;
  interfaces: Interface[];
  /** Of video and sound, that this process may not open. */
  forbiddenDevices: string[];
  /** mediasoup-client's version; missing where it cannot be found. */
  mediasoupClient?: string;
};

export type Interface = { name: string; address: string; family: string; internal: boolean };

type Report = {
  header: { glibcVersionRuntime?: string };
  userLimits?: { open_files?: { soft?: number | string } };
};

export function describeHost(): Host {
  const { glibc, openFiles } = fromReport();
  const system = readOr('/etc/os-release')?.match(/^PRETTY_NAME="?([^"\n]*)"?$/m)?.[1];
  const socketBuffer = Number(readOr('/proc/sys/net/core/rmem_max'));
  const display = process.env['DISPLAY'];
  const mediasoupClient = versionOf('mediasoup-client');
  return {
    platform: process.platform,
    arch: process.arch,
    release: os.release(),
    ...(system ? { system } : {}),
    node: process.versions.node,
    ...(glibc ? { glibc } : {}),
    processors: os.availableParallelism(),
    memory: os.totalmem(),
    ...(openFiles ? { openFiles } : {}),
    ...(socketBuffer ? { socketBuffer } : {}),
    ...(display ? { display } : {}),
    interfaces: interfaces(),
    forbiddenDevices: forbiddenDevices(),
    ...(mediasoupClient ? { mediasoupClient } : {}),
  };
}

function fromReport(): { glibc?: string | undefined; openFiles?: number | undefined } {
  // Names of remote hosts would be looked up.
  Object.assign(process.report, { excludeNetwork: true });
  const { header, userLimits } = process.report.getReport() as unknown as Report;
  const openFiles = Number(userLimits?.open_files?.soft);
  return {
    glibc: header.glibcVersionRuntime,
    openFiles: Number.isFinite(openFiles) ? openFiles : undefined,
  };
}

function interfaces(): Interface[] {
  return Object.entries(os.networkInterfaces()).flatMap(([name, addresses = []]) =>
    addresses.map(({ address, family, internal }) => ({ name, address, family, internal })),
  );
}

function forbiddenDevices(): string[] {
  return [...devicesIn('/dev', /^video\d+$/), ...devicesIn('/dev/snd', /^pcmC\d+D\d+c$/)].filter(
    (device) => {
      try {
        accessSync(device, constants.R_OK | constants.W_OK);
        return false;
      } catch {
        return true;
      }
    },
  );
}

function devicesIn(folder: string, pattern: RegExp): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => pattern.test(name))
      .map((name) => path.join(folder, name));
  } catch {
    return [];
  }
}

/** The version of a package as this one finds it, also where there is no node_modules (Plug'n'Play). */
function versionOf(name: string): string | undefined {
  let file: string;
  try {
    file = createRequire(import.meta.url).resolve(name);
  } catch {
    return undefined;
  }
  for (let folder = path.dirname(file); ; folder = path.dirname(folder)) {
    const text = readOr(path.join(folder, 'package.json'));
    const manifest = JSON.parse(text ?? '{}') as { name?: string; version?: string };
    if (manifest.name === name) return manifest.version;
    if (folder === path.dirname(folder)) return undefined;
  }
}

function readOr(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
