// Source tarballs: from a folder that the user names, the cache, or Debian's source pool. Always checked.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { debianMirrors } from './apt.mjs';
import { run } from './process.mjs';
import { inCache, logDir } from './project.mjs';
import { StepError } from './steps.mjs';

const APT_HELPER = '/usr/lib/apt/apt-helper';

export function sha256(file) {
  return createHash('sha256').update(fs.readFileSync(file)).digest('hex');
}

function isWhole(file, hash) {
  return fs.existsSync(file) && sha256(file) === hash;
}

/** Resolves to the path of a tarball whose SHA-256 is `source.sha256`. */
export async function fetchSource(source) {
  const given = process.env.MEDIASOUP_CLIENT_PION_SOURCES;
  if (given) {
    const file = path.join(given, source.file);
    if (isWhole(file, source.sha256)) return file;
    if (fs.existsSync(file)) {
      throw new StepError(`${file} has SHA-256 ${sha256(file)}`, {
        cure: `put the file with SHA-256 ${source.sha256} there, or unset MEDIASOUP_CLIENT_PION_SOURCES`,
      });
    }
  }

  const cached = inCache('sources', source.file);
  if (isWhole(cached, source.sha256)) return cached;
  fs.mkdirSync(path.dirname(cached), { recursive: true });

  // apt's own downloader knows the machine's proxies and certificates.
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'source-'));
  const log = path.join(logDir, `download-${source.name}.log`);
  fs.rmSync(log, { force: true });
  let failure;
  try {
    for (const url of poolUrls(source)) {
      const target = path.join(scratch, source.file);
      try {
        await run(APT_HELPER, ['download-file', url, target, `SHA256:${source.sha256}`], {
          cwd: scratch,
          log,
        });
      } catch (error) {
        failure = error;
        continue;
      }
      if (!isWhole(target, source.sha256)) continue;
      const arriving = `${cached}.${process.pid}`;
      fs.copyFileSync(target, arriving);
      fs.renameSync(arriving, cached);
      return cached;
    }
  } finally {
    fs.rmSync(scratch, { recursive: true, force: true });
  }

  throw new StepError(`${source.file} could not be downloaded`, {
    log: failure?.log,
    tail: failure?.tail,
    cure:
      `check the network; or put ${source.file} (SHA-256 ${source.sha256}, ` +
      `from Debian's source package ${source.package ?? source.name}) into a folder and name that folder in ` +
      'MEDIASOUP_CLIENT_PION_SOURCES',
  });
}

function poolUrls(source) {
  const name = source.package ?? source.name;
  const initial = name.startsWith('lib') ? name.slice(0, 4) : name[0];
  const file = encodeURIComponent(source.file);
  return debianMirrors().map(({ url, pool }) => `${url}/${pool}/main/${initial}/${name}/${file}`);
}
