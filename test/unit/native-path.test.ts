// Where the native code is said to be.
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { NATIVE_PATH } from '../../lib/native-errors.js';
import { packageOf } from '../../lib/platform.js';
import { nativeFolder } from './waist/native.js';
import { runProgram } from './waist/program.js';

let folder: string;
let moved: string;

/** Runs a program, which has `pion` and `moved`, in the folder; what it told, or what failed. */
async function told(program: string, env: NodeJS.ProcessEnv = {}): Promise<string> {
  const lines = [
    "const pion = await import('./lib/index.ts');",
    `const moved = ${JSON.stringify(moved)};`,
    `process.chdir(${JSON.stringify(folder)});`,
    `try { ${program} } catch ({ name, code, message }) { console.log(name, code, message); }`,
  ];
  const { code, stdout, stderr } = await runProgram(lines.join('\n'), {
    env: { NODE_PATH: '', [NATIVE_PATH]: undefined, ...env },
    seconds: 300,
  });
  assert.equal(code, 0, stderr);
  return stdout.trim();
}

/** What tells which files of native code a process has. */
const LOADED = `
  const { readFileSync } = await import('node:fs');
  const maps = readFileSync('/proc/self/maps', 'utf8');
  console.log(...new Set(maps.match(/\\/\\S*(?:mscp\\.node|libmscp\\.so)/g)));`;

const open = (settings: string) =>
  `const worker = await pion.createWorker(${settings}); ${LOADED} worker.close();`;

const both = () => [path.join(moved, 'mscp.node'), path.join(moved, 'libmscp.so')].sort();

const assertMoved = (words: string) => {
  assert.deepEqual(words.split(' ').sort(), both());
};

before(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'mscp-path-'));
  moved = path.join(folder, 'moved');
  cpSync(nativeFolder, moved, { recursive: true });
});
after(() => {
  rmSync(folder, { recursive: true });
});

describe('nativePath', () => {
  it('is where the native code comes from, absolute or from the working directory', async () => {
    assertMoved(await told(open('{ nativePath: moved }')));
    assertMoved(await told(open("{ nativePath: './moved' }")));
  });

  it('of createFactory() holds for what it makes', async () => {
    const program = `
      const factory = pion.createFactory('none', { nativePath: moved });
      await factory.getNativeRtpCapabilities({ direction: 'sendonly' });
      ${LOADED}`;
    assertMoved(await told(program));
  });

  it('of createHandlerFactory() is where its Worker has its own from', async () => {
    const makes = (value: string) => `
      const worker = await pion.createWorker({ nativePath: moved });
      try {
        const factory = worker.createHandlerFactory({ nativePath: ${value} });
        await factory.getNativeRtpCapabilities({ direction: 'recvonly' });
        ${LOADED}
      } finally {
        worker.close();
      }`;
    assertMoved(await told(makes('moved')));
    assert.match(
      await told(makes("'none'")),
      /^InvalidStateError ERR_INVALID_STATE nativePath: this thread has its native code from /,
    );
  });

  it('of options that are refused is forgotten', async () => {
    for (const refused of [
      "pion.createFactory('none', { nativePath: 'none', forcedRtpExtensions: 7 })",
      "new pion.Worker({ nativePath: 'none', logLevel: 'loud' })",
      "new pion.Worker({ nativePath: 'none', publicOnly: 7 })",
    ]) {
      const attempt = `
        let refusal;
        try { ${refused}; } catch (error) { refusal = error; }
        if (refusal?.name !== 'TypeError') throw new Error('it was not refused');`;
      assertMoved(await told(`${attempt} ${open('{ nativePath: moved }')}`));
    }
  });

  it(`goes before ${NATIVE_PATH}, which does the same`, async () => {
    const variable = (value: string) => ({ [NATIVE_PATH]: value });
    assertMoved(await told(open('{}'), variable(moved)));
    assertMoved(await told(open('{}'), variable('moved')));
    assertMoved(await told(open('{ nativePath: moved }'), variable('/nowhere')));
    assert.doesNotMatch(await told(open('{}'), variable('')), /moved/);
  });

  it('where nothing is, is told of with the name of the setting', async () => {
    const missing = path.join(folder, 'none', 'mscp.node');
    const words = `OperationError ERR_NATIVE_MISSING nativePath: there is no ${missing}`;
    assert.ok((await told(open("{ nativePath: 'none' }"))).startsWith(words));
    const ofVariable = words.replace('nativePath', NATIVE_PATH);
    assert.ok((await told(open('{}'), { [NATIVE_PATH]: 'none' })).startsWith(ofVariable));
  });

  it('of a package of another version is refused', async () => {
    const name = packageOf(process);
    const manifest = path.join(moved, 'package.json');
    writeFileSync(manifest, JSON.stringify({ name, version: '0.0.1' }));
    try {
      assert.match(
        await told(open('{ nativePath: moved }')),
        /^OperationError ERR_NATIVE_VERSION /,
      );
    } finally {
      rmSync(manifest);
    }
  });

  it('is one for a thread', async () => {
    const second = "await pion.createWorker({ nativePath: 'none' });";
    const words = `InvalidStateError ERR_INVALID_STATE nativePath: this thread has its native code from ${moved} already`;
    assert.ok((await told(`${open('{ nativePath: moved }')} ${second}`)).includes(words));
    assert.ok(
      (await told(`pion.createFactory('none', { nativePath: moved }); ${second}`)).includes(words),
    );
    const elsewhere = await told(`${open('{}')} await pion.createWorker({ nativePath: moved });`);
    assert.match(elsewhere, /InvalidStateError ERR_INVALID_STATE nativePath: /);
    assertMoved(
      await told(
        `pion.createFactory('none', { nativePath: moved }); ${open('{ nativePath: moved }')}`,
      ),
    );
  });

  it('is the path of a folder', async () => {
    for (const wrong of ["''", '1', 'null', '{}']) {
      const words = await told(open(`{ nativePath: ${wrong} }`));
      assert.match(
        words,
        /^TypeError ERR_INVALID_ARGUMENT nativePath: expected the path of a folder, got /,
      );
    }
  });
});
