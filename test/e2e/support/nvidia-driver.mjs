// A library that stands for NVIDIA's driver, where there is none: OpenH264 encodes (internal/codec/nvenc/testdata/driver).
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { depsPrefix } from '../../../scripts/lib/c-libraries.mjs';
import { inProject } from '../../../scripts/lib/project.mjs';

/** Compiles it into `folder`, which a process has to have in its LD_LIBRARY_PATH from its beginning. */
export function makeDriver(folder) {
  const prefix = depsPrefix();
  if (!prefix) throw new Error('the C libraries are not built');
  const env = { ...process.env, PKG_CONFIG_PATH: path.join(prefix, 'lib', 'pkgconfig') };
  const flags = (...args) =>
    execFileSync('pkg-config', ['--static', ...args], { encoding: 'utf8', env })
      .trim()
      .split(/\s+/);
  const driver = (name) => inProject('internal', 'codec', 'nvenc', 'testdata', 'driver', name);
  const compile = (library, ...args) => {
    execFileSync('cc', ['-shared', '-fPIC', '-w', '-o', path.join(folder, library), ...args]);
  };
  compile('libcuda.so.1', driver('cuda.c'));
  compile(
    'libnvidia-encode.so.1',
    driver('encode.c'),
    inProject('internal', 'codec', 'openh264', 'bridge.c'),
    ...flags('--cflags', 'ffnvcodec', 'openh264'),
    ...flags('--libs', 'openh264'),
  );
}
