// The native code of tests: the Go library with the hooks of internal/hooks, and the addon beside it, as a package that
// test/hooks/load.ts has Node.js find.
import fs from 'node:fs';
import path from 'node:path';
import { addonFile } from './addon.mjs';
import { listFiles, Stamp } from './fingerprint.mjs';
import { goLibraryStep } from './go-library.mjs';
import { inProject, platformKey, root } from './project.mjs';
import { host } from './target.mjs';
import { version } from './version.mjs';

const name = `mediasoup-client-pion-${platformKey}`;
const folder = inProject('build', 'hooks', name);

export function hookedLibraryStep() {
  const library = goLibraryStep(host, { folder, hooks: true });
  const stamp = new Stamp('package', folder);
  const packedFrom = () => [listFiles([path.relative(root, addonFile())]), manifest()];
  const isPacked = () => fs.existsSync(inFolder('mscp.node')) && stamp.matches(packedFrom());
  return {
    ...library,
    current: () => library.current() && isPacked(),
    async run(progress) {
      if (!library.current()) await library.run(progress);
      stamp.clear();
      // Moved into place: an addon that is loaded somewhere must not change under its user.
      fs.copyFileSync(addonFile(), inFolder('.mscp.node'));
      fs.renameSync(inFolder('.mscp.node'), inFolder('mscp.node'));
      fs.writeFileSync(inFolder('package.json'), manifest());
      stamp.write(packedFrom());
    },
  };
}

/** What a package of native code is found by, and its version checked. */
export const manifest = () => JSON.stringify({ name, version: version() });

const inFolder = (name) => path.join(folder, name);
