import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** An echo with one thread-safe function call for each message. */
export type NaiveEcho = {
  open(onMessage: (message: ArrayBuffer) => void): void;
  send(bytes: Uint8Array): void;
  close(): void;
};

const folder = fileURLToPath(new URL('naive', import.meta.url));
const require = createRequire(import.meta.url);

/** Builds it when that was not done before. */
export function loadNaiveEcho(): NaiveEcho {
  const addon = path.join(folder, 'build', 'Release', 'naive.node');
  if (!existsSync(addon)) build();
  return require(addon) as NaiveEcho;
}

function build(): void {
  const prefix = path.resolve(process.execPath, '../..');
  const headers = existsSync(path.join(prefix, 'include', 'node', 'node_api.h'));
  const { status, stderr } = spawnSync(
    process.execPath,
    [
      require.resolve('node-gyp/bin/node-gyp.js'),
      'configure',
      'build',
      `--directory=${folder}`,
      ...(headers ? [`--nodedir=${prefix}`] : []),
    ],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`the naive addon could not be built:\n${stderr}`);
}
