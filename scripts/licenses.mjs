#!/usr/bin/env node
// Writes THIRD_PARTY_LICENSES: the parts that are linked into the native code, and their licenses in full.
// With --check, fails if the file is not what it would write.
import fs from 'node:fs';
import { inProject } from './lib/project.mjs';
import { components, windowsRuntime } from './packaging/components.mjs';

const target = inProject('THIRD_PARTY_LICENSES');

const HEAD = `Third-party licenses

The native code of this package is linked from the parts below. They keep their own licenses, given here in full.
This file is generated: node scripts/licenses.mjs
`;

const FFMPEG_NOTICE = `This package uses libraries from the FFmpeg project (libavcodec, libavdevice, libavfilter, libavformat, libavutil,
libswresample, libswscale) under the GNU Lesser General Public License, version 3 or later (version 3 because
Mbed TLS is linked with it). FFmpeg is linked statically, is not modified, and is configured without --enable-gpl and
--enable-nonfree; the configuration is in scripts/lib/c-library-list.mjs.

You may replace it. The source of this package and its build scripts are public: docs/relinking.md says how to link the
native code with an FFmpeg of your own. Reverse engineering for debugging such changes is permitted. The source of the
FFmpeg release used is its unmodified tarball, whose SHA-256 is given below and checked by the build.`;

const NOTICES = { ffmpeg: FFMPEG_NOTICE };

function section({ name, version, license, source, texts, parts = [], isOfTheCompiler }) {
  const line = '='.repeat(80);
  const title = `${isOfTheCompiler ? name : `${name} ${version}`} (${license})`;
  const contained = parts.map((part) => `${part.name} ${part.version} (${part.license})`);
  const paragraphs = [
    NOTICES[name],
    contained.length > 0 && `Contains: ${contained.join(', ')}`,
    source && `Source: ${source.file}, SHA-256 ${source.sha256}`,
    ...texts,
  ];
  return [line, title, line, '', ...paragraphs.filter(Boolean).flatMap((p) => [p.trim(), ''])].join(
    '\n',
  );
}

const text = `${[HEAD, ...[...components(), windowsRuntime].map(section)].join('\n').trimEnd()}\n`;

if (process.argv.includes('--check')) {
  if (!fs.existsSync(target) || fs.readFileSync(target, 'utf8') !== text) {
    console.error('THIRD_PARTY_LICENSES is out of date: node scripts/licenses.mjs');
    process.exitCode = 1;
  }
} else {
  fs.writeFileSync(target, text);
}
