// A library that stands for NVIDIA's driver, where there is none: OpenH264 encodes (internal/codec/nvenc/testdata/driver).
import { execFileSync } from 'node:child_process';
import { goEnv } from '../../../scripts/lib/go-env.mjs';
import { inProject } from '../../../scripts/lib/project.mjs';

/** Compiles it into `folder`, which a process has to have in its LD_LIBRARY_PATH from its beginning. */
export function makeDriver(folder) {
  const script = inProject('internal', 'codec', 'nvenc', 'testdata', 'driver', 'make.sh');
  execFileSync('sh', [script, folder], { env: goEnv() });
}
