// The addon for Windows, by mingw-w64: node-gyp would write project files of Microsoft's compiler.
import fs from 'node:fs';
import path from 'node:path';
import { run } from './process.mjs';
import { inProject, root } from './project.mjs';

const modules = (name) => inProject('node_modules', name);

/** Node-API's own list of what a Node.js shows. */
const DEFINITIONS = ['js_native_api.def', 'node_api.def'].map((name) =>
  path.join(modules('node-api-headers'), 'def', name),
);

const COMPILE = [
  ...['-std=c++17', '-O2', '-fno-exceptions', '-fno-rtti', '-Wall', '-Wextra', '-Werror'],
  ...['-ffunction-sections', '-fdata-sections', `-ffile-prefix-map=${root}=.`],
  ...['-isystem', path.join(modules('node-api-headers'), 'include')],
  ...['-isystem', modules('node-addon-api')],
  `-I${inProject('goexport')}`,
];

// No DLL but the system's, and nothing shown but what Node.js asks for.
const LINK = ['-shared', '-static', '-static-libgcc', '-static-libstdc++', '-s'];

function definesOfAddon() {
  const [, list] = /'defines': \[(.*?)\]/s.exec(fs.readFileSync(inProject('binding.gyp'), 'utf8'));
  return [...list.matchAll(/'(\w+(?:=\w+)?)'/g)].map(([, define]) => `-D${define}`);
}

/** Builds the addon as `file` in `folder`. */
export async function buildAddonForWindows(target, folder, file, log) {
  fs.mkdirSync(folder, { recursive: true });
  const node = await importLibrary(target, folder, log);
  const sources = fs
    .readdirSync(inProject('src'))
    .filter((name) => name.endsWith('.cc'))
    .map((name) => inProject('src', name));
  const words = [...COMPILE, ...definesOfAddon(), ...LINK, ...sources, node, '-ldelayimp'];
  await run(target.tool('g++'), [...words, '-o', file], { cwd: folder, log });
}

/**
 * What stands for Node.js at link time. It is looked up when it is first called, and src/host.cc has it be the program that
 * runs: Electron is called otherwise, and so is a node.exe that was renamed.
 */
async function importLibrary(target, folder, log) {
  const names = DEFINITIONS.flatMap((file) =>
    fs
      .readFileSync(file, 'utf8')
      .split(/\s+/)
      .filter((word) => /^(?:napi|node_api)_\w+$/.test(word)),
  );
  const definition = path.join(folder, 'node.def');
  fs.writeFileSync(definition, `NAME node.exe\nEXPORTS\n${names.join('\n')}\n`);
  const library = path.join(folder, 'libnode.a');
  const words = ['--input-def', definition, '--output-delaylib', library];
  await run(target.tool('dlltool'), ['--machine', 'i386:x86-64', ...words], { cwd: folder, log });
  return library;
}
