// Where things are: the project, its build output, and the cache that clones share.
import { createHash } from 'node:crypto';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

export const inProject = (...parts) => path.join(root, ...parts);

export const platformKey = `${process.platform}-${process.arch}`;

/** Where the addon and the Go library end up, side by side. */
export const outputDir = inProject('build', platformKey);

export const cacheDir = path.resolve(
  process.env.MEDIASOUP_CLIENT_PION_CACHE ||
    path.join(
      process.env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache'),
      'mediasoup-client-pion',
    ),
);

export const inCache = (...parts) => path.join(cacheDir, ...parts);

export const logDir = inCache('logs');

/** A short stable key of any JSON value. */
export function keyOf(value) {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);
}
