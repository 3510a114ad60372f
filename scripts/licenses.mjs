#!/usr/bin/env node
// Writes THIRD_PARTY_LICENSES from what is really linked: the C libraries' own files, and the Go modules of the build.
// With --check it only compares, and fails on a difference.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { depsPrefix } from './lib/c-libraries.mjs';
import { libraries } from './lib/c-library-list.mjs';
import { goEnv } from './lib/go-env.mjs';
import { inProject, root } from './lib/project.mjs';

const target = inProject('THIRD_PARTY_LICENSES');

const HEAD = `Third-party licenses

The Go library of this package is linked from the parts below. They keep their own licenses, given here in full.
This file is generated: node scripts/licenses.mjs
`;

const FFMPEG_NOTICE = `This package uses libraries from the FFmpeg project (libavcodec, libavdevice, libavfilter, libavformat, libavutil,
libswresample, libswscale) under the GNU Lesser General Public License, version 3 or later (version 3 because
Mbed TLS is linked with it). FFmpeg is linked statically, is not modified, and is configured without --enable-gpl and
--enable-nonfree; the configuration is in scripts/lib/c-library-list.mjs.

You may replace it. The source of this package and its build scripts are public: put another FFmpeg into the prefix
deps/prefix, or name its tarball in scripts/lib/c-library-list.mjs, run node scripts/bootstrap.mjs, and the Go library
is linked with it. Reverse engineering for debugging such changes is permitted. The source of the FFmpeg release used
is its unmodified tarball, whose SHA-256 is given below and checked by the build.`;

const NOTICES = { ffmpeg: FFMPEG_NOTICE };

function section(title, parts) {
  const line = '='.repeat(80);
  return [line, title, line, '', ...parts.flatMap((part) => [part.trim(), ''])].join('\n');
}

const LICENSE_FILE = /^(?:LICEN[CS]E|COPYING|PATENTS|NOTICE)/i;

function cLibrarySections() {
  const prefix = depsPrefix();
  if (!prefix) {
    throw new Error('the C libraries are not built yet: node scripts/bootstrap.mjs');
  }
  const folder = path.join(prefix, 'licenses');
  const files = fs.readdirSync(folder).sort();
  return libraries.map((library) => {
    const texts = files
      .filter((file) => file.startsWith(`${library.name}-`))
      .filter((file) => isOfTheBuild(library, file))
      .map((file) => {
        const name = file.slice(library.name.length + 1);
        return `--- ${name}\n\n${fs.readFileSync(path.join(folder, file), 'utf8')}`;
      });
    return section(`${library.name} ${library.version} (${library.license})`, [
      NOTICES[library.name] ?? '',
      `Source: ${library.file}, SHA-256 ${library.sha256}`,
      ...texts,
    ]);
  });
}

/** FFmpeg's tarball also carries the texts of licenses that this build doesn't use. */
function isOfTheBuild(library, file) {
  if (library.name !== 'ffmpeg') return LICENSE_FILE.test(file.slice(library.name.length + 1));
  return /-(?:COPYING\.L?GPLv3|LICENSE\.md)$/.test(file);
}

function goSections() {
  const list = (...args) =>
    execFileSync('go', ['list', ...args], {
      cwd: root,
      env: goEnv(),
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    });
  const format = '{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}} {{.Dir}}{{end}}{{end}}';
  const modules = new Set(list('-deps', '-f', format, './goexport').split('\n').filter(Boolean));

  const sections = [...modules].sort().map((line) => {
    const [name, version, dir] = line.split(' ');
    const texts = fs
      .readdirSync(dir)
      .filter((file) => LICENSE_FILE.test(file) && fs.statSync(path.join(dir, file)).isFile())
      .sort()
      .map((file) => fs.readFileSync(path.join(dir, file), 'utf8'));
    if (texts.length === 0) throw new Error(`${name}: no license file in ${dir}`);
    return section(`${name} ${version}`, texts);
  });

  const goRoot = execFileSync('go', ['env', 'GOROOT'], {
    encoding: 'utf8',
  }).trim();
  const goLicense = ['LICENSE', 'PATENTS']
    .map((file) => path.join(goRoot, file))
    .filter((file) => fs.existsSync(file))
    .map((file) => fs.readFileSync(file, 'utf8'));
  sections.unshift(section('Go runtime and standard library', goLicense));
  return sections;
}

const text = `${[HEAD, ...cLibrarySections(), ...goSections()].join('\n').trimEnd()}\n`;

if (process.argv.includes('--check')) {
  if (!fs.existsSync(target) || fs.readFileSync(target, 'utf8') !== text) {
    console.error('THIRD_PARTY_LICENSES is out of date: node scripts/licenses.mjs');
    process.exitCode = 1;
  }
} else {
  fs.writeFileSync(target, text);
}
