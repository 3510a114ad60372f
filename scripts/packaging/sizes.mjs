// How large the packages are, and how large they may be.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

// As npm counts.
const MEGABYTE = 1e6;

/** In bytes: what is downloaded of the main package, what a platform's takes on the disk. */
export const MAX_MAIN_PACKED = 0.3 * MEGABYTE;
export const MAX_PLATFORM_UNPACKED = 42 * MEGABYTE;

/** The files of a tarball of npm's, without their common folder: `[{ name, size }]`. */
export function filesOf(tarball) {
  const list = execFileSync('tar', ['--list', '--verbose', '--gzip', '--file', tarball], {
    encoding: 'utf8',
  });
  return list
    .trimEnd()
    .split('\n')
    .map((line) => /^-\S+ \S+ +(\d+) \S+ \S+ package\/(.*)$/.exec(line))
    .map(([, size, name]) => ({ name, size: Number(size) }));
}

export function sizeOf(tarball) {
  const unpacked = filesOf(tarball).reduce((sum, { size }) => sum + size, 0);
  return { packed: fs.statSync(tarball).size, unpacked };
}

/** A row for each tarball. */
export function sizeTable(tarballs) {
  const megabytes = (bytes) => `${(bytes / MEGABYTE).toFixed(2)} MB`.padStart(10);
  return tarballs.map((tarball) => {
    const { packed, unpacked } = sizeOf(tarball);
    return `${path.basename(tarball).padEnd(50)} ${megabytes(packed)} packed ${megabytes(unpacked)} unpacked`;
  });
}
