// The tarballs of this machine's platform, made if they are not up to date.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { platformTarget } from '../../../scripts/lib/target.mjs';
import { mainTarball, platformTarball } from '../../../scripts/packaging/tarballs.mjs';

export const root = path.resolve(import.meta.dirname, '../../..');
export const platform = `${process.platform}-${process.arch}`;

export type Tarballs = { main: string; native: string };

/** Makes what is missing: minutes, where nothing is cached. */
export function tarballs(name = platform): Tarballs {
  const script = path.join(root, 'scripts', 'package.mjs');
  const { status, stderr } = spawnSync(
    process.execPath,
    [script, `--platform=${name}`, '--quiet'],
    { cwd: root, encoding: 'utf8' },
  );
  assert.equal(status, 0, stderr);
  return { main: mainTarball(), native: platformTarball(platformTarget(name)) };
}

/** Unpacks a tarball of npm's as an installed package. */
export function unpack(tarball: string, folder: string): string {
  mkdirSync(folder, { recursive: true });
  execFileSync('tar', ['-xzf', tarball, '-C', folder, '--strip-components=1']);
  return folder;
}
