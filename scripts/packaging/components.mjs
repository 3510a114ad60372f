// Every part that is linked into the native code, with version, licence and where it is from.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { depsPrefix } from '../lib/c-libraries.mjs';
import { librariesOf } from '../lib/c-library-list.mjs';
import { goEnv } from '../lib/go-env.mjs';
import { inProject, root } from '../lib/project.mjs';
import { host } from '../lib/target.mjs';

/**
 * @typedef {object} Component
 * @property {string} name
 * @property {string} version
 * @property {string} license - An SPDX expression.
 * @property {string} purl
 * @property {string[]} [texts] - The licences in full.
 * @property {{ file: string, sha256: string }} [source]
 * @property {string[]} [needs] - Names of the components that it calls.
 * @property {Component[]} [parts]
 * @property {boolean} [isOfTheCompiler] - Its version is that of whoever builds.
 */

/**
 * @param target - Whose native code they are linked into.
 * @returns {Component[]}
 */
export const components = (target = host) => [
  ...cLibraries(target),
  ...(target.isWindows ? [compilerRuntime('12'), windowsRuntime] : [compilerRuntime('10')]),
  ...goComponents(target),
  ...addonHeaders(),
];

const FFMPEG_PARTS = [
  'libavcodec',
  'libavdevice',
  'libavfilter',
  'libavformat',
  'libavutil',
  'libswresample',
  'libswscale',
];

function cLibraries(target) {
  const prefix = depsPrefix(target);
  if (!prefix) throw new Error('the C libraries are not built yet: node scripts/bootstrap.mjs');
  return librariesOf(target).map((library) => {
    const { name, version, license, file, sha256, needs = [] } = library;
    return {
      name,
      version,
      license,
      purl: `pkg:generic/${name}@${version}`,
      source: { file, sha256 },
      texts: libraryTexts(library, path.join(prefix, 'licenses')),
      needs,
      parts: name === 'ffmpeg' ? FFMPEG_PARTS.map((part) => ffmpegPart(part, prefix)) : [],
    };
  });
}

function ffmpegPart(name, prefix) {
  const text = fs.readFileSync(path.join(prefix, 'lib', 'pkgconfig', `${name}.pc`), 'utf8');
  const [, version] = /^Version: (.*)$/m.exec(text);
  return { name, version, license: 'LGPL-3.0-or-later', purl: `pkg:generic/${name}@${version}` };
}

const LICENSE_FILE = /^(?:LICEN[CS]E|COPYING|PATENTS|NOTICE)/i;

function libraryTexts({ name }, folder) {
  const isOfTheBuild = (file) =>
    // FFmpeg's tarball also carries the texts of licenses that this build doesn't use.
    name === 'ffmpeg' ? /^(?:COPYING\.L?GPLv3|LICENSE\.md)$/.test(file) : LICENSE_FILE.test(file);
  return fs
    .readdirSync(folder)
    .sort()
    .filter((file) => file.startsWith(`${name}-`) && isOfTheBuild(file.slice(name.length + 1)))
    .map((file) => {
      const text = fs.readFileSync(path.join(folder, file), 'utf8');
      return `--- ${file.slice(name.length + 1)}\n\n${text}`;
    });
}

// libstdc++ and libgcc are linked in: those of the Debian that platform packages are linked in, for Windows those of mingw-w64.
const compilerRuntime = (version) => ({
  name: 'GCC runtime libraries',
  version,
  license: 'GPL-3.0-or-later WITH GCC-exception-3.1',
  purl: `pkg:generic/gcc-runtime@${version}`,
  isOfTheCompiler: true,
  texts: [
    `libstdc++ and libgcc, Copyright (C) Free Software Foundation, Inc., are under the GNU General Public License,
version 3 or later (its text is with FFmpeg's, as COPYING.GPLv3), with the GCC Runtime Library Exception, version 3.1,
which permits to propagate a work that is compiled by GCC and combined with them under terms of one's choice.`,
  ],
});

/** What stands for the C library on Windows, and for threads as POSIX has them. */
export const windowsRuntime = {
  name: 'mingw-w64 runtime and winpthreads',
  version: '10.0.0',
  license: 'ZPL-2.1 AND MIT AND BSD-3-Clause',
  purl: 'pkg:generic/mingw-w64@10.0.0',
  isOfTheCompiler: true,
  texts: [
    'Of the package for Windows alone.',
    fs.readFileSync(inProject('scripts', 'packaging', 'mingw-w64.txt'), 'utf8'),
  ],
};

function goList(target, ...args) {
  // Of this machine, which has the go command: what is linked in an older Debian has that one's programs.
  const env = { ...goEnv(), ...(target.isWindows && { GOOS: 'windows', GOARCH: target.goarch }) };
  const options = { cwd: root, env, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 };
  return execFileSync('go', args, options).trim();
}

function goComponents(target) {
  const format = '{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}} {{.Dir}}{{end}}{{end}}';
  const lines = goList(target, 'list', '-deps', '-f', format, './goexport').split('\n');
  const modules = [...new Set(lines.filter(Boolean))].sort().map((line) => {
    const [name, version, dir] = line.split(' ');
    const texts = licenseTexts(dir);
    if (texts.length === 0) throw new Error(`${name}: no license file in ${dir}`);
    const license = licenseOf(name, texts.join('\n'));
    const parts = name.endsWith('/malgo') ? [miniaudio(dir)] : [];
    return { name, version, license, texts, parts, purl: `pkg:golang/${name}@${version}` };
  });
  const [goRoot, goVersion] = goList(target, 'env', 'GOROOT', 'GOVERSION').split('\n');
  const version = goVersion.replace(/^go/, '').split(' ')[0];
  return [
    {
      name: 'Go runtime and standard library',
      version,
      license: 'BSD-3-Clause',
      purl: `pkg:golang/std@${version}`,
      isOfTheCompiler: true,
      texts: ['LICENSE', 'PATENTS']
        .map((file) => path.join(goRoot, file))
        .filter((file) => fs.existsSync(file))
        .map((file) => fs.readFileSync(file, 'utf8')),
    },
    ...modules,
  ];
}

const licenseTexts = (dir) =>
  fs
    .readdirSync(dir)
    .filter((file) => LICENSE_FILE.test(file) && fs.statSync(path.join(dir, file)).isFile())
    .sort()
    .map((file) => fs.readFileSync(path.join(dir, file), 'utf8'));

/** malgo carries this C library in its own sources. */
function miniaudio(dir) {
  const text = fs.readFileSync(path.join(dir, 'miniaudio.h'), 'utf8');
  const [, version] = /miniaudio - v([\d.]+)/.exec(text);
  return {
    name: 'miniaudio',
    version,
    license: 'Unlicense OR MIT-0',
    purl: `pkg:github/mackron/miniaudio@${version}`,
  };
}

// A sentence that each license has and the others above it have not.
const LICENSES = [
  ['Apache-2.0', /Apache License\s+Version 2\.0/],
  ['Unlicense', /free and unencumbered software released into the public domain/],
  ['MIT', /Permission is hereby granted, free of charge/],
  ['BSD-3-Clause', /Redistributions of source code[^]*Neither the name/],
  ['BSD-2-Clause', /Redistributions of source code/],
  ['ISC', /Permission to use, copy, modify, and\/?o?r? distribute this software/],
];

function licenseOf(name, text) {
  const [id] = LICENSES.find(([, pattern]) => pattern.test(text)) ?? [];
  if (!id)
    throw new Error(`${name}: a license that scripts/packaging/components.mjs does not know`);
  return id;
}

/** What the addon is compiled against, and has in it. */
function addonHeaders() {
  return ['node-addon-api', 'node-api-headers'].map((name) => {
    const folder = inProject('node_modules', name);
    const { version } = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'));
    const texts = licenseTexts(folder);
    return { name, version, license: 'MIT', purl: `pkg:npm/${name}@${version}`, texts };
  });
}
