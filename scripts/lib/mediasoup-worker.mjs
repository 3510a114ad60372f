// The real media server's worker, for demo and tests: found, or built from the npm package's own sources.
import fs from 'node:fs';
import path from 'node:path';
import { artefactDir, buildArtefact, isComplete } from './artefact.mjs';
import { run } from './process.mjs';
import { inProject, keyOf, logDir, platformKey } from './project.mjs';
import { StepError } from './steps.mjs';
import { compilerId } from './target.mjs';

// Raised when the way of building changes.
const RECIPE = 1;

const BINARY = 'mediasoup-worker';

function mediasoupDir() {
  return inProject('node_modules', 'mediasoup');
}

function mediasoupVersion() {
  try {
    const file = path.join(mediasoupDir(), 'package.json');
    return JSON.parse(fs.readFileSync(file, 'utf8')).version;
  } catch {
    return undefined;
  }
}

function cachedDir() {
  const version = mediasoupVersion();
  if (!version) return undefined;
  const compiler = compilerId(process.env.CXX || 'g++');
  return artefactDir(
    `mediasoup-worker-${version}`,
    keyOf([RECIPE, version, compiler, platformKey, SUBPROJECTS, SRTP_HEADER, PRECOMPILED]),
  );
}

/**
 * Path of a mediasoup-worker: the one that MEDIASOUP_WORKER_BIN names, else the one that mediasoup's own install
 * left, else the one built here. Undefined if there is none. Children find it through MEDIASOUP_WORKER_BIN.
 */
export function workerBin() {
  const file = findWorker();
  if (file) process.env.MEDIASOUP_WORKER_BIN = file;
  return file;
}

function findWorker() {
  const named = process.env.MEDIASOUP_WORKER_BIN;
  if (named) return named;
  const own = path.join(mediasoupDir(), 'worker', 'out', 'Release', BINARY);
  if (fs.existsSync(own)) return own;
  const dir = cachedDir();
  return dir && isComplete(dir) ? path.join(dir, BINARY) : undefined;
}

export function mediasoupWorkerStep() {
  return {
    name: 'mediasoup worker (the real server of demo and tests)',
    expectedSeconds: 200,
    cure: 'see the log; or name a working mediasoup-worker 3.19.22 in MEDIASOUP_WORKER_BIN',
    current() {
      const named = process.env.MEDIASOUP_WORKER_BIN;
      if (named && !fs.existsSync(named)) {
        throw new StepError(`MEDIASOUP_WORKER_BIN is ${named}, which does not exist`, {
          cure: 'correct MEDIASOUP_WORKER_BIN or unset it',
        });
      }
      return workerBin() !== undefined;
    },
    async run(progress) {
      const sources = path.join(mediasoupDir(), 'worker');
      if (!fs.existsSync(path.join(sources, 'meson.build'))) {
        throw new StepError(`no mediasoup sources in ${sources}`, {
          cure: 'list mediasoup in devDependencies and run this again',
        });
      }
      await buildWorker(sources, cachedDir(), progress);
      workerBin();
    },
  };
}

/** Builds the worker of `sources` (a package's worker/ folder, left as it is) into the artefact `dir`. */
export async function buildWorker(sources, dir, progress) {
  const log = path.join(logDir, 'mediasoup-worker.log');
  fs.rmSync(log, { force: true });

  await buildArtefact(dir, async (temporary) => {
    const worker = path.join(temporary, 'worker');
    fs.cpSync(sources, worker, { recursive: true });
    useSystemLibraries(worker);
    patchSources(worker);

    const options = {
      cwd: worker,
      log,
      onLine(line) {
        const [, done, total] = /^\[(\d+)\/(\d+)\]/.exec(line) ?? [];
        if (total > 10) progress.update('compile', done / total);
      },
    };
    progress.update('configure');
    await run(
      'meson',
      ['setup', 'build', '--buildtype=release', '-Db_ndebug=true', '-Dms_disable_liburing=true'],
      options,
    );
    // The sources include the generated headers without saying so.
    await run('ninja', ['-C', 'build', 'fbs/FBS'], options);
    await run('ninja', ['-C', 'build', BINARY], options);

    fs.renameSync(path.join(worker, 'build', BINARY), path.join(temporary, BINARY));
    fs.rmSync(worker, { recursive: true });
  });
}

/** What worker/meson.build asks each subproject for, given from Debian's packages. */
const SUBPROJECTS = {
  libuv: `
libuv_dep = dependency('libuv')
libuv = []
`,
  openssl: `
openssl_dep = dependency('openssl')
libcrypto_lib = []
libssl_lib = []
`,
  libsrtp3: `
libsrtp3_dep = declare_dependency(
  include_directories: include_directories('include'),
  dependencies: dependency('libsrtp2'),
)
libsrtp3 = []
`,
  usrsctp: `
usrsctp_dep = dependency('usrsctp')
usrsctp = []
`,
  'abseil-cpp': `
absl_container_dep = [
  dependency('absl_raw_hash_set'),
  dependency('absl_hash'),
  dependency('absl_strings'),
  dependency('absl_bad_optional_access'),
]
absl_strings_dep = dependency('absl_strings')
absl_types_dep = dependency('absl_bad_optional_access')
absl_container_lib = []
`,
  flatbuffers: `
flatbuffers_dep = dependency('flatbuffers')
flatbuffers_lib = []
`,
};

/** libsrtp 3's calls, which write into a buffer of their own, on libsrtp 2, which works in place. */
const SRTP_HEADER = `#pragma once

#include <srtp2/srtp.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

// Codes that libsrtp 2 never returns.
static constexpr auto srtp_err_status_buffer_small = static_cast<srtp_err_status_t>(28);
static constexpr auto srtp_err_status_cryptex_err = static_cast<srtp_err_status_t>(29);

namespace srtp3
{
  template<typename Call>
  inline srtp_err_status_t copyAndRun(
    Call call, srtp_t ctx, const uint8_t* in, size_t inLen, uint8_t* out, size_t* outLen, size_t margin)
  {
    if (*outLen < inLen + margin)
    {
      return srtp_err_status_buffer_small;
    }
    if (in != out)
    {
      std::memmove(out, in, inLen);
    }
    int len = static_cast<int>(inLen);
    const srtp_err_status_t err = call(ctx, out, &len);
    *outLen = static_cast<size_t>(len);
    return err;
  }
} // namespace srtp3

inline srtp_err_status_t srtp_protect(
  srtp_t ctx, const uint8_t* in, size_t inLen, uint8_t* out, size_t* outLen, size_t /*mki*/)
{
  return srtp3::copyAndRun(
    static_cast<srtp_err_status_t (*)(srtp_t, void*, int*)>(::srtp_protect),
    ctx, in, inLen, out, outLen, SRTP_MAX_TRAILER_LEN);
}

inline srtp_err_status_t srtp_protect_rtcp(
  srtp_t ctx, const uint8_t* in, size_t inLen, uint8_t* out, size_t* outLen, size_t /*mki*/)
{
  return srtp3::copyAndRun(
    static_cast<srtp_err_status_t (*)(srtp_t, void*, int*)>(::srtp_protect_rtcp),
    ctx, in, inLen, out, outLen, SRTP_MAX_TRAILER_LEN);
}

inline srtp_err_status_t srtp_unprotect(
  srtp_t ctx, const uint8_t* in, size_t inLen, uint8_t* out, size_t* outLen)
{
  return srtp3::copyAndRun(
    static_cast<srtp_err_status_t (*)(srtp_t, void*, int*)>(::srtp_unprotect),
    ctx, in, inLen, out, outLen, 0);
}

inline srtp_err_status_t srtp_unprotect_rtcp(
  srtp_t ctx, const uint8_t* in, size_t inLen, uint8_t* out, size_t* outLen)
{
  return srtp3::copyAndRun(
    static_cast<srtp_err_status_t (*)(srtp_t, void*, int*)>(::srtp_unprotect_rtcp),
    ctx, in, inLen, out, outLen, 0);
}

inline srtp_err_status_t srtp_stream_remove(srtp_t ctx, uint32_t ssrc)
{
  return srtp_remove_stream(ctx, ssrc);
}
`;

/** What most of the sources include: compiled once, which saves a good part of the build. */
const PRECOMPILED = `#pragma once

#include "common.hpp"
#include "Logger.hpp"
#include "MediaSoupErrors.hpp"
#include "Utils.hpp"
#include "Channel/ChannelNotification.hpp"
#include "Channel/ChannelRequest.hpp"
#include "FBS/transport.h"
#include "RTC/RTP/Packet.hpp"
#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>
`;

function useSystemLibraries(worker) {
  const folder = path.join(worker, 'subprojects');
  for (const name of fs.readdirSync(folder)) {
    if (name.endsWith('.wrap')) fs.rmSync(path.join(folder, name));
  }
  for (const [name, body] of Object.entries(SUBPROJECTS)) {
    fs.mkdirSync(path.join(folder, name), { recursive: true });
    fs.writeFileSync(path.join(folder, name, 'meson.build'), `project('${name}', 'cpp')\n${body}`);
  }
  const include = path.join(folder, 'libsrtp3', 'include');
  fs.mkdirSync(include);
  fs.writeFileSync(path.join(include, 'srtp.h'), SRTP_HEADER);
}

function patchSources(worker) {
  edit(path.join(worker, 'meson.build'), (text) =>
    text
      // The options are those of subprojects that are no longer there.
      .replaceAll(/(subproject\(\s*'[^']+',)\s*default_options: \[[^\]]*\],/g, '$1')
      .replace(/meson_version: '>= [\d.]+'/, "meson_version: '>= 1.0.0'")
      .replace(/executable\(\s*'mediasoup-worker',/, "$&\n  cpp_pch: 'pch/worker.hpp',"),
  );
  fs.mkdirSync(path.join(worker, 'pch'));
  fs.writeFileSync(path.join(worker, 'pch', 'worker.hpp'), PRECOMPILED);
  // OpenSSL 3.0.17 and later add the operation's bits to BIO_CB_RETURN; compared for equality, the length that was
  // written is answered with 1 and the worker crashes at the first DTLS handshake.
  edit(path.join(worker, 'src', 'RTC', 'DtlsTransport.cpp'), (text) =>
    text.replace('(operationType == BIO_CB_RETURN)', '(operationType & BIO_CB_RETURN)'),
  );
}

function edit(file, change) {
  const before = fs.readFileSync(file, 'utf8');
  const after = change(before);
  if (after === before) {
    throw new StepError(`${file} is not as expected: nothing to patch in it`, {
      cure: 'use the mediasoup version that package-lock.json names',
    });
  }
  fs.writeFileSync(file, after);
}
