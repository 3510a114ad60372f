import { existsSync } from 'node:fs';

/** What decides which native code can run here. */
export type Machine = {
  readonly platform: string;
  readonly arch: string;
  /** The C library, where there is a choice of it. */
  readonly libc?: 'glibc' | 'musl';
  /** The version of glibc. */
  readonly glibc?: string;
};

/** The platforms that have a package of native code, and the oldest glibc that it runs with. */
export const packagedPlatforms: readonly string[] = ['linux-x64', 'linux-arm64', 'win32-x64'];
export const oldestGlibc = '2.31';

/** The package that holds the native code of a platform. */
export const packageOf = ({ platform, arch }: Pick<Machine, 'platform' | 'arch'>): string =>
  `mediasoup-client-pion-${platform}-${arch}`;

/** The machine that this process runs on. Takes a report of the process: for errors, not for every start. */
export function thisMachine(): Machine {
  const { platform, arch } = process;
  if (platform !== 'linux') return { platform, arch };
  const glibc = glibcVersion();
  if (glibc !== undefined) return { platform, arch, libc: 'glibc', glibc };
  return existsSync(`/lib/ld-musl-${machineName(arch)}.so.1`)
    ? { platform, arch, libc: 'musl' }
    : { platform, arch };
}

/** Node's types of 20.19 don't have all of it. */
type Report = { getReport?(): object; excludeNetwork?: boolean };

/** What musl's loader is called by. */
function machineName(arch: string): string {
  return { x64: 'x86_64', arm64: 'aarch64', ia32: 'i386' }[arch] ?? arch;
}

/** Node tells it in its reports, and tells nothing where it was linked with another C library. */
function glibcVersion(): string | undefined {
  // Bun and Deno have other ideas of a report.
  const report = process.report as Report | undefined;
  if (typeof report?.getReport !== 'function') return undefined;
  const before = report.excludeNetwork;
  try {
    // Otherwise it asks name servers for the name of every connection.
    report.excludeNetwork = true;
    const { header } = report.getReport() as { header?: { glibcVersionRuntime?: string } };
    return header?.glibcVersionRuntime;
  } catch {
    return undefined;
  } finally {
    if (before !== undefined) report.excludeNetwork = before;
  }
}

/** Whether a version like 2.28 is lower than another. */
export function isOlder(version: string, than: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = than.split('.').map(Number);
  return major < wantedMajor || (major === wantedMajor && minor < wantedMinor);
}
