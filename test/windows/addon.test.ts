// The addon for Windows, as mingw-w64 builds it, under Wine.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { buildAddonForWindows } from '../../scripts/lib/addon-windows.mjs';
import { packagesStep } from '../../scripts/lib/apt.mjs';
import { windowsNodeStep } from '../../scripts/lib/node-versions.mjs';
import { logDir } from '../../scripts/lib/project.mjs';
import { runSteps } from '../../scripts/lib/steps.mjs';
import { platformTarget } from '../../scripts/lib/target.mjs';
import { startWine, windowsPath } from './support/wine.js';
import type { Wine } from './support/wine.js';

const target = platformTarget('win32-x64') as { triplet: string };

/** What every Windows has. */
const OF_THE_SYSTEM = /^(?:kernel32|msvcrt)\.dll$/i;

describe('the addon for win32-x64', { skip: process.arch !== 'x64' && 'for x64' }, () => {
  let wine: Wine;
  let addon: string;

  before(async () => {
    await runSteps([packagesStep('windows'), windowsNodeStep()], { quiet: true });
    wine = await startWine();
    addon = path.join(wine.folder, 'mscp.node');
    await buildAddonForWindows(target, wine.folder, addon, path.join(logDir, 'addon-windows.log'));
  });

  after(() => wine.end());

  it('asks for no DLL but those of the system, and shows what Node.js asks for', () => {
    const options = { encoding: 'utf8', maxBuffer: 1 << 26 } as const;
    const headers = execFileSync(`${target.triplet}-objdump`, ['-p', addon], options);
    const needed = [...headers.matchAll(/DLL Name: (\S+)/g)].map(([, name]) => String(name));
    assert.ok(needed.length > 0);
    assert.deepEqual(
      needed.filter((name) => !OF_THE_SYSTEM.test(name)),
      [],
    );
    for (const name of ['napi_register_module_v1', 'node_api_module_get_api_version_v1']) {
      assert.match(headers, new RegExp(`\\[ *\\d+\\].* ${name}$`, 'm'));
    }
  });

  // What it needs of Node.js is looked up by no name of a file.
  for (const program of ['node.exe', 'an app.exe']) {
    it(`loads in ${program}, and says which file of the core is not there`, async () => {
      const script = `
        const { open } = require(${JSON.stringify(windowsPath(addon))});
        const caught = [];
        for (const argument of [undefined, () => {}]) {
          try { open(argument); } catch (error) { caught.push([error.name, error.code, error.message]); }
        }
        console.log(JSON.stringify(caught));`;
      const { status, output, errors } = await wine.node(program, ['-e', script]);
      assert.equal(status, 0, output + errors);
      const [wrong, missing] = JSON.parse(output) as string[][];
      assert.deepEqual(wrong, ['TypeError', null, 'open() takes a function']);
      assert.equal(missing?.[1], 'ERR_LIBRARY_NOT_LOADED');
      const file = windowsPath(path.join(wine.folder, 'libmscp.dll'));
      assert.ok(missing[2]?.startsWith(`cannot load the core: ${file}: `), output);
    });
  }
});
