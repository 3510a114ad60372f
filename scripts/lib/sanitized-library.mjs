// The native code under the sanitizers of addresses and of undefined behaviour, with the hooks of tests, as a package
// that NATIVE_BUILD has tests find (test/hooks/messages.ts), and what Node.js needs to load it.
import fs from 'node:fs';
import path from 'node:path';
import { addonStep } from './addon.mjs';
import { goLibraryStep } from './go-library.mjs';
import { manifest } from './hooked-library.mjs';
import { capture } from './process.mjs';
import { runSteps } from './steps.mjs';
import { sanitized } from './target.mjs';

/** Builds what is not up to date; resolves to the environment of a Node.js that loads it. */
export async function sanitizedLibrary() {
  await runSteps([goLibraryStep(sanitized, { hooks: true }), addonStep(sanitized)], {
    quiet: true,
  });
  const folder = sanitized.outputDir;
  fs.writeFileSync(path.join(folder, 'package.json'), manifest());
  const packages = path.dirname(folder);
  return {
    NATIVE_BUILD: packages,
    NODE_PATH: packages,
    // What replaces malloc() has to be there first; a program that isn't built for it loads it so.
    LD_PRELOAD: capture('gcc', ['-print-file-name=libasan.so']),
    // V8 leaves to the system what it has when the process ends. Tests look at what is resident: little of what is
    // freed may be kept.
    ASAN_OPTIONS: 'detect_leaks=0:quarantine_size_mb=32',
    UBSAN_OPTIONS: 'print_stacktrace=1',
  };
}
