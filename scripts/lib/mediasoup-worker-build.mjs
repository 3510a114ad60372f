// Builds a mediasoup worker on Debian's own libraries, from the sources in its npm package: nothing is fetched.
import fs from 'node:fs';
import path from 'node:path';
import { buildArtefact } from './artefact.mjs';
import { run } from './process.mjs';
import { inProject, logDir } from './project.mjs';
import { StepError } from './steps.mjs';

const BINARY = 'mediasoup-worker';

const recipe = inProject('scripts', 'mediasoup-worker');

/** What takes part in a build besides the worker's own sources, as [path, text]. */
export function recipeFiles() {
  return fs
    .readdirSync(recipe, { recursive: true })
    .filter((name) => fs.statSync(path.join(recipe, name)).isFile())
    .sort()
    .map((name) => [name, fs.readFileSync(path.join(recipe, name), 'utf8')]);
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
    await run('meson', ['setup', 'build', ...mesonOptions(worker)], options);
    // The sources include the generated headers without saying so. In 3.27 each header is a target, and one run makes all.
    const isFolder = !fs.existsSync(path.join(worker, 'fbs', 'FBS', 'meson.build'));
    await run('ninja', ['-C', 'build', isFolder ? 'fbs/FBS' : 'fbs/FBS/transport.h'], options);
    await run('ninja', ['-C', 'build', BINARY], options);

    fs.renameSync(path.join(worker, 'build', BINARY), path.join(temporary, BINARY));
    fs.rmSync(worker, { recursive: true });
  });
}

function mesonOptions(worker) {
  const known = fs.readFileSync(path.join(worker, 'meson_options.txt'), 'utf8');
  return [
    '--buildtype=release',
    '-Db_ndebug=true',
    ...(known.includes("'ms_disable_liburing'") ? ['-Dms_disable_liburing=true'] : []),
  ];
}

/** Gives what meson.build asks each subproject for from Debian's packages. */
function useSystemLibraries(worker) {
  const folder = path.join(worker, 'subprojects');
  for (const name of fs.readdirSync(folder)) {
    if (name.endsWith('.wrap')) fs.rmSync(path.join(folder, name));
  }
  fs.cpSync(path.join(recipe, 'subprojects'), folder, { recursive: true });
  // 3.19 fills in the struct of libsrtp 2 itself.
  const srtp = fs.readFileSync(path.join(worker, 'src', 'RTC', 'SrtpSession.cpp'), 'utf8');
  if (!srtp.includes('srtp_policy_create(')) {
    fs.rmSync(path.join(folder, 'libsrtp3', 'include', 'srtp-policies.h'));
  }
}

function patchSources(worker) {
  edit(path.join(worker, 'meson.build'), (text) =>
    text
      // The options are those of subprojects that are no longer there.
      .replaceAll(/(subproject\(\s*'[^']+',)\s*default_options: \[[^\]]*\],/g, '$1')
      .replace(
        "dependency('unordered_dense')",
        "subproject('unordered-dense').get_variable('ankerl_unordered_dense_dep')",
      )
      .replace(/meson_version: '>= [\d.]+'/, "meson_version: '>= 1.0.0'")
      .replace(/executable\(\s*'mediasoup-worker',/, "$&\n  cpp_pch: 'pch/worker.hpp',"),
  );
  fs.mkdirSync(path.join(worker, 'pch'));
  fs.copyFileSync(path.join(recipe, 'pch.hpp'), path.join(worker, 'pch', 'worker.hpp'));
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
