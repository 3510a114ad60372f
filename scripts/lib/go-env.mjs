// The environment in which every go command of this project runs, so that all share one build cache.
import path from 'node:path';
import { depsPrefix } from './c-libraries.mjs';
import { host } from './target.mjs';

// Opus and openh264 come through pkg-config: the archives that mediadevices bundles can't go into a shared library.
// Media is fetched by HTTP/1.1, which media servers have: HTTP/2 would be 0.4 MB of the library, and its faults.
export const buildTags = 'dynamic,nethttpomithttp2';

// Sections, so that the linker leaves out what Go does not call.
export const cgoFlags = '-O2 -Wno-deprecated-declarations -ffunction-sections -fdata-sections';

// Of C: -asan, below, has the address sanitizer watch both C and Go.
const sanitizedFlags = '-g -fsanitize=undefined -fno-sanitize-recover=undefined';

export function goEnv(base = process.env, target = host) {
  const prefix = depsPrefix(target);
  const key = path.basename(prefix ?? 'none').replaceAll(/\W/g, '_');
  const cFlags = [base.CGO_CFLAGS ?? cgoFlags, `-DMSCP_${key}`];
  if (target.isSanitized) cFlags.push(sanitizedFlags);
  return {
    ...base,
    ...target.environment,
    ...(target.isSanitized && { CGO_LDFLAGS: sanitizedFlags }),
    CGO_ENABLED: '1',
    // Names the libraries, because Go's cache looks neither into archives nor at what pkg-config says.
    CGO_CFLAGS: cFlags.join(' '),
    // Without the paths, a checkout takes from the cache what another has compiled, vetted and tested.
    GOFLAGS: [base.GOFLAGS, '-trimpath', `-tags=${buildTags}`, target.isSanitized && '-asan']
      .filter(Boolean)
      .join(' '),
    PKG_CONFIG: base.PKG_CONFIG ?? 'pkg-config',
    ...(target.isRelease && {
      GOOS: target.isWindows ? 'windows' : 'linux',
      GOARCH: target.goarch,
    }),
    // Only this folder counts, or a system library could slip in.
    ...(prefix && {
      PKG_CONFIG_LIBDIR: path.join(prefix, 'lib', 'pkgconfig'),
      PKG_CONFIG_PATH: '',
    }),
  };
}
