#!/usr/bin/env node
// clang-tidy over the C and C++ of the project, each file with the flags that it is compiled with: .clang-tidy says
// what is looked for.
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { goEnv } from './lib/go-env.mjs';
import { inProject, root } from './lib/project.mjs';

const execute = promisify(execFile);

const modules = (name) => inProject('node_modules', name);

/** As binding.gyp has them. */
const ADDON_FLAGS = [
  '-std=c++17',
  '-fno-exceptions',
  '-fno-rtti',
  ...definesOfAddon(),
  `-isystem${path.join(modules('node-api-headers'), 'include')}`,
  `-isystem${modules('node-addon-api')}`,
  `-I${inProject('goexport')}`,
];

/** What the C of Go's packages includes; what is theirs in the C libraries has no findings of ours. */
const LIBRARIES = ['libavdevice', 'libavfilter', 'aom', 'openh264', 'opus', 'vpx'];

function definesOfAddon() {
  const [, list] = /'defines': \[(.*?)\]/s.exec(fs.readFileSync(inProject('binding.gyp'), 'utf8'));
  return [...list.matchAll(/'(\w+(?:=\w+)?)'/g)].map(([, define]) => `-D${define}`);
}

/** Throws with the findings, if there are any. */
async function clangTidy() {
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'clang-tidy-'));
  try {
    const files = [...filesOfAddon(), ...(await filesOfGo(scratch)), ...filesOfTests()];
    const findings = [];
    const next = async () => {
      for (let file = files.shift(); file; file = files.shift()) {
        findings.push(await findingsIn(file));
      }
    };
    await Promise.all(os.cpus().map(next));
    const found = findings.filter(Boolean);
    if (found.length > 0) throw new Error(`clang-tidy:\n${found.join('\n')}`);
  } finally {
    fs.rmSync(scratch, { recursive: true });
  }
}

async function findingsIn({ name, flags }) {
  try {
    await execute('clang-tidy', ['--quiet', name, '--', ...flags], { cwd: root });
    return '';
  } catch (error) {
    return error.stdout || error.message;
  }
}

function filesOfAddon() {
  const names = [...filesIn('src', '.cc'), ...filesIn('bench/waist/naive', '.cc')];
  return names.map((name) => ({ name, flags: ADDON_FLAGS }));
}

function filesOfTests() {
  const flags = ['-std=gnu17', `-I${inProject('goexport')}`];
  return filesIn('test/unit/waist', '.c').map((name) => ({ name, flags }));
}

/** The header with what Go exports is written by cgo, which needs no compiled packages for it. */
async function filesOfGo(scratch) {
  const env = goEnv();
  const words = await execute(env.PKG_CONFIG, ['--cflags', ...LIBRARIES], { env });
  const includes = words.stdout.trim().split(/\s+/);
  const found = [];
  for (const folder of foldersOfGo()) {
    const own = `-I${inProject(folder)}`;
    const made = path.join(scratch, folder);
    fs.mkdirSync(made, { recursive: true });
    const sources = filesIn(folder, '.go').filter((name) => isCgo(name));
    const base = sources.map((name) => path.basename(name));
    const cgo = ['tool', 'cgo', '-objdir', made, '--', ...includes, own, ...base];
    await execute('go', cgo, { cwd: inProject(folder), env });
    const flags = ['-std=gnu17', own, `-isystem${made}`, ...includes.map(asSystem)];
    found.push(...filesIn(folder, '.c').map((name) => ({ name, flags })));
  }
  return found;
}

const asSystem = (flag) => flag.replace(/^-I/, '-isystem');

/** Those with files of C that Go compiles. */
function foldersOfGo() {
  const found = ['goexport', 'internal'].flatMap((top) =>
    fs
      .readdirSync(inProject(top), { recursive: true })
      .filter((name) => name.endsWith('.c') && !name.includes('testdata'))
      .map((name) => path.dirname(path.join(top, name))),
  );
  return [...new Set(found)].sort();
}

function isCgo(name) {
  return (
    !name.endsWith('_test.go') && /^import "C"$/m.test(fs.readFileSync(inProject(name), 'utf8'))
  );
}

const filesIn = (folder, extension) =>
  fs
    .readdirSync(inProject(folder))
    .filter((name) => name.endsWith(extension))
    .map((name) => `${folder}/${name}`);

clangTidy().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
