// The environment in which every go command of this project runs, so that all share one build cache.
import path from 'node:path';
import { depsPrefix } from './c-libraries.mjs';

// Opus and openh264 come through pkg-config: the archives that mediadevices bundles can't go into a shared library.
export const buildTags = 'dynamic';

export function goEnv(base = process.env) {
  const prefix = depsPrefix();
  return {
    ...base,
    CGO_ENABLED: '1',
    CGO_CFLAGS: base.CGO_CFLAGS ?? '-O2 -Wno-deprecated-declarations',
    GOFLAGS: [base.GOFLAGS, `-tags=${buildTags}`].filter(Boolean).join(' '),
    PKG_CONFIG: base.PKG_CONFIG ?? 'pkg-config',
    // The real path names the key of the libraries: Go's cache, which looks at flags and not into archives, then
    // sees that they changed. Only this folder counts, or a system library could slip in.
    ...(prefix && {
      PKG_CONFIG_LIBDIR: path.join(prefix, 'lib', 'pkgconfig'),
      PKG_CONFIG_PATH: '',
    }),
  };
}
