// The static C libraries: FFmpeg, libvpx, opus, openh264. Position-independent, LGPL or freer, no shared objects.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { artefactDir, buildArtefact, isComplete } from './artefact.mjs';
import { fetchSource } from './download.mjs';
import { capture, run } from './process.mjs';
import { inProject, keyOf, logDir, platformKey } from './project.mjs';

// Raised when the way of building, or of merging, changes although no version or flag does.
const RECIPE = 1;
const MERGE_RECIPE = 3;

// Configured prefix. What is installed is relocatable, so this path need not exist anywhere.
const NEUTRAL_PREFIX = '/mediasoup-client-pion';

const list = (text) => text.trim().split(/\s+/).join(',');

/** `objects` is how many files get compiled: the measure of progress. */
export const libraries = [
  {
    name: 'opus',
    version: '1.5.2',
    file: 'opus_1.5.2.orig.tar.gz',
    sha256: '65c1d2f78b9f2fb20082c38cbe47c951ad5839345876e46941612ee87f9a7ce1',
    license: 'BSD-3-Clause',
    objects: 161,
    seconds: 20,
    configure: [
      '--disable-shared',
      '--enable-static',
      '--with-pic',
      '--disable-doc',
      '--disable-extra-programs',
      '--disable-dependency-tracking',
    ],
  },
  {
    name: 'openh264',
    version: '2.6.0',
    file: 'openh264_2.6.0+dfsg.orig.tar.xz',
    sha256: '52fc65775e03abe70f3f453c3c57fa7b31c71fe240de84da53d75f2ddc7dd519',
    license: 'BSD-2-Clause',
    objects: 109,
    seconds: 18,
    // A plain Makefile: nothing to configure.
    make: ['libopenh264.a', 'BUILDTYPE=Release', 'OS=linux'],
    install: 'install-static',
  },
  {
    name: 'libvpx',
    version: '1.15.0',
    file: 'libvpx_1.15.0.orig.tar.xz',
    sha256: 'a6cfd199c5c567cfa4e6d991ec36690d9af801585b5db959c1494b5b15f821a5',
    license: 'BSD-3-Clause',
    objects: 238,
    seconds: 35,
    configure: [
      '--enable-static',
      '--disable-shared',
      '--enable-pic',
      '--enable-vp8',
      '--enable-vp9',
      '--enable-realtime-only',
      '--enable-runtime-cpu-detect',
      '--disable-examples',
      '--disable-tools',
      '--disable-docs',
      '--disable-unit-tests',
      '--disable-install-bins',
      '--disable-webm-io',
      '--disable-libyuv',
      '--disable-dependency-tracking',
      '--as=nasm',
    ],
  },
  {
    name: 'ffmpeg',
    version: '7.1.5',
    file: 'ffmpeg_7.1.5.orig.tar.xz',
    sha256: 'de668509caf9e35e3cd162473441fdb29538c6d96ed080292b3cf9e6fc5d558f',
    license: 'LGPL-2.1-or-later',
    objects: 1583,
    seconds: 186,
    // Neither --enable-gpl nor --enable-nonfree, ever: the package is linked with this.
    configure: [
      '--enable-static',
      '--disable-shared',
      '--enable-pic',
      '--optflags=-O2',
      '--disable-programs',
      '--disable-doc',
      '--disable-debug',
      '--disable-autodetect',
      '--enable-pthreads',
      '--enable-network',
      '--disable-hwaccels',
      '--disable-postproc',

      // Everything can be read …
      '--enable-demuxers',
      '--enable-decoders',
      '--enable-parsers',
      '--enable-bsfs',

      // … and what is used can be written.
      '--disable-muxers',
      `--enable-muxer=${list(`
        webm matroska mp4 mov ogg wav opus mpegts rtp null rawvideo h264 ivf
      `)}`,
      '--disable-encoders',
      `--enable-encoder=${list(`
        rawvideo pcm_s16le pcm_mulaw pcm_alaw wrapped_avframe mjpeg
      `)}`,

      '--disable-protocols',
      `--enable-protocol=${list(`
        file pipe fd data cache concat subfile crypto
        tcp udp udplite rtp http httpproxy hls rtmp
      `)}`,

      '--disable-filters',
      `--enable-filter=${list(`
        buffer buffersink abuffer abuffersink null anull format aformat
        scale fps setpts asetpts settb asettb setsar
        aresample asetnsamples volume pan amix split asplit realtime arealtime
        transpose hflip vflip rotate crop pad overlay yadif drawbox
        testsrc testsrc2 smptebars smptehdbars color sine anullsrc nullsrc
      `)}`,

      '--disable-outdevs',
      '--disable-indevs',
      '--enable-indev=lavfi,v4l2',
    ],
  },
];

/** The compiler takes part in every key: its code is in what was built. */
export function compilerId(compiler = process.env.CC || 'gcc') {
  const text = capture(compiler, ['-dumpfullversion', '-dumpmachine']);
  return `${path.basename(compiler)} ${text?.replaceAll('\n', ' ') ?? 'absent'}`;
}

function libraryKey(library, compiler) {
  const { version, sha256, configure, make } = library;
  const flags = process.env.CFLAGS ?? '';
  return keyOf([RECIPE, version, sha256, configure, make, compiler, flags, platformKey]);
}

function libraryDir(library, compiler) {
  return artefactDir(`${library.name}-${library.version}`, libraryKey(library, compiler));
}

function prefixDir(compiler) {
  return artefactDir(
    'prefix',
    keyOf([MERGE_RECIPE, ...libraries.map((library) => libraryKey(library, compiler))]),
  );
}

const link = inProject('deps', 'prefix');

/** The merged prefix by its real path, which names its key; undefined before it is built. */
export function depsPrefix() {
  try {
    return fs.realpathSync(link);
  } catch {
    return undefined;
  }
}

/** Changes whenever any of the libraries does. */
export const depsKey = () => path.basename(depsPrefix() ?? 'none');

export function cLibrariesStep() {
  return {
    name: 'C libraries (opus, openh264, libvpx, FFmpeg)',
    expectedSeconds: libraries.reduce((sum, { seconds }) => sum + seconds, 0),
    current() {
      const dir = prefixDir(compilerId());
      return isComplete(dir) && depsPrefix() === fs.realpathSync(dir);
    },
    async run(progress) {
      const compiler = compilerId();
      const total = libraries.reduce((sum, { seconds }) => sum + seconds, 0);
      let before = 0;
      for (const library of libraries) {
        const dir = libraryDir(library, compiler);
        if (!isComplete(dir)) {
          const started = Date.now();
          await buildArtefact(dir, (temporary) =>
            buildLibrary(library, temporary, (text, share) =>
              progress.update(
                `${library.name} ${library.version} ${text}`,
                (before + share * library.seconds) / total,
              ),
            ),
          );
          const seconds = Math.round((Date.now() - started) / 1000);
          progress.note(`${library.name} ${library.version}: ${seconds} s`);
        }
        before += library.seconds;
      }

      const dir = prefixDir(compiler);
      if (!isComplete(dir)) {
        await buildArtefact(dir, (temporary) => {
          for (const library of libraries) {
            merge(libraryDir(library, compiler), temporary);
          }
          flatten(path.join(temporary, 'lib', 'pkgconfig'));
          // mediadevices asks for <openh264/codec_api.h>; upstream installs it into wels/.
          fs.symlinkSync('wels', path.join(temporary, 'include', 'openh264'));
        });
      }
      pointTo(dir);
    },
  };
}

async function buildLibrary(library, target, report) {
  report('download', 0);
  const tarball = await fetchSource(library);

  const log = path.join(logDir, `${library.name}.log`);
  fs.rmSync(log, { force: true });
  const source = path.join(target, 'source');
  fs.mkdirSync(source);
  report('unpack', 0);
  await run('tar', ['-xf', tarball, '-C', source, '--strip-components=1'], {
    log,
  });

  const prefix = `--prefix=${NEUTRAL_PREFIX}`;
  if (library.configure) {
    report('configure', 0);
    await run('./configure', [prefix, ...library.configure], {
      cwd: source,
      log,
    });
  }

  let compiled = 0;
  const onLine = (line) => {
    // "CC x.o" and "[CC] x.c" of quiet makefiles, whole compiler lines of others.
    if (/^\s*\[?(?:CC|CXX|AS|X86ASM|NASM)\b|\s-c\s|^nasm\s/.test(line)) {
      compiled++;
      report('compile', compiled / library.objects);
    }
  };
  const jobs = `-j${os.availableParallelism()}`;
  const variables = library.configure ? [] : [`PREFIX=${NEUTRAL_PREFIX}`];
  await run('make', [jobs, ...variables, ...(library.make ?? [])], {
    cwd: source,
    log,
    onLine,
  });

  report('install', 1);
  const stage = path.join(target, 'stage');
  const settings = (library.make ?? []).filter((word) => word.includes('='));
  await run('make', [`DESTDIR=${stage}`, ...variables, ...settings, library.install ?? 'install'], {
    cwd: source,
    log,
  });

  const installed = path.join(stage, NEUTRAL_PREFIX);
  for (const part of ['include', 'lib']) {
    fs.renameSync(path.join(installed, part), path.join(target, part));
  }
  fs.mkdirSync(path.join(target, 'licenses'));
  for (const name of fs.readdirSync(source)) {
    if (/^(COPYING|LICENSE|PATENTS|AUTHORS)/.test(name)) {
      fs.copyFileSync(
        path.join(source, name),
        path.join(target, 'licenses', `${library.name}-${name}`),
      );
    }
  }
  fs.rmSync(stage, { recursive: true });
  fs.rmSync(source, { recursive: true });
  relocate(path.join(target, 'lib', 'pkgconfig'));
}

/** Makes pkg-config files speak of the folder that they lie in. */
function relocate(folder) {
  for (const name of fs.readdirSync(folder)) {
    const file = path.join(folder, name);
    const text = fs.readFileSync(file, 'utf8').replaceAll(NEUTRAL_PREFIX, '${pcfiledir}/../..');
    fs.writeFileSync(file, text);
  }
}

/**
 * Makes what static linking needs ("private") part of what is always asked for: there are only static libraries
 * here, and Go calls pkg-config without --static.
 */
function flatten(folder) {
  for (const name of fs.readdirSync(folder)) {
    const file = path.join(folder, name);
    const fields = new Map();
    const lines = [];
    for (const line of fs.readFileSync(file, 'utf8').split('\n')) {
      const [, field, value] = /^(Libs|Requires)(?:\.private)?:\s*(.*)$/.exec(line) ?? [];
      if (!field) lines.push(line);
      else if (value) {
        // 64-bit machines have these operations in the instruction set: no need of one more shared library.
        const words = value.split(/\s+/).filter((word) => word !== '-latomic');
        fields.set(field, [fields.get(field) ?? '', ...words].join(' '));
      }
    }
    const text = lines.join('\n').trimEnd();
    const merged = [...fields].map(([field, value]) => `${field}:${value}`);
    // A new file: the one that was merged here is a link of the library's own.
    fs.rmSync(file);
    fs.writeFileSync(file, `${text}\n${merged.join('\n')}\n`);
  }
}

function merge(from, to) {
  for (const entry of fs.readdirSync(from, { withFileTypes: true })) {
    const source = path.join(from, entry.name);
    const target = path.join(to, entry.name);
    if (entry.isDirectory()) {
      fs.mkdirSync(target, { recursive: true });
      merge(source, target);
    } else if (entry.name !== 'complete') {
      fs.linkSync(source, target);
    }
  }
}

/** Swaps the project's link in one move, so that nothing ever sees it missing. */
function pointTo(dir) {
  fs.mkdirSync(path.dirname(link), { recursive: true });
  const draft = `${link}.${process.pid}`;
  fs.symlinkSync(dir, draft);
  fs.renameSync(draft, link);
}
