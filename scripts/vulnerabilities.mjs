#!/usr/bin/env node
// Known vulnerabilities of what users get: Go's modules, by govulncheck, and what npm installs with the package.
// Where no database can be reached it says so, in a line: that is neither a failure nor a pass.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { goEnv } from './lib/go-env.mjs';
import { inCache, root } from './lib/project.mjs';

const GOVULNCHECK = 'golang.org/x/vuln/cmd/govulncheck@v1.9.0';
const DATABASE = 'https://vuln.go.dev';
/** The same database as a module: from a proxy, for machines that reach nothing else. */
const MODULE = 'golang.org/x/vulndb';

/**
 * Throws if something vulnerable is used. Go's own library is of the Go that builds: what is mended in a newer one is
 * told, and keeps a release back.
 */
async function findVulnerabilities({ isRelease = false } = {}) {
  const faults = [...(await faultsOfGo(isRelease)), ...faultsOfNpm()];
  if (faults.length > 0) throw new Error(`known vulnerabilities:\n${faults.join('\n')}`);
}

async function faultsOfGo(isRelease) {
  const database = (await isServed()) ? DATABASE : databaseOfModule();
  if (database === undefined) {
    console.log(`left out: govulncheck, as neither ${DATABASE} nor ${MODULE} can be had`);
    return [];
  }
  const args = ['run', GOVULNCHECK, '-format=json', '-db', database, './goexport'];
  const { status, stdout, stderr } = spawnSync('go', args, {
    cwd: root,
    env: goEnv(),
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(`govulncheck: exit status ${status}\n${stderr}`);
  const called = calledOf(stdout);
  const own = called.filter((one) => !one.isOfGo);
  const ofGo = called.filter((one) => one.isOfGo);
  console.log(`govulncheck: ${own.length} in what the Go library calls of its modules`);
  if (ofGo.length === 0) return own.map(({ text }) => text);
  console.log(`and in Go's own library, ${ofGo.length}; CI and releases build with the newest:`);
  for (const { text } of ofGo) console.log(`  ${text}`);
  const late = isRelease ? ofGo.filter(({ mended }) => mended) : [];
  return [...own, ...late].map(({ text }) => text);
}

/** What can be reached from the library; what is merely in a module that it has is left out, as govulncheck has it. */
function calledOf(messages) {
  const all = JSON.parse(`[${messages.trim().replaceAll(/^}\s{/gm, '},{')}]`);
  const summaries = new Map(all.flatMap(({ osv }) => (osv ? [[osv.id, osv.summary]] : [])));
  const called = new Map();
  for (const { finding } of all) {
    // A function is named only where there is a way to it.
    if (finding?.trace[0].function === undefined || called.has(finding.osv)) continue;
    const { module, version } = finding.trace[0];
    const fixed = finding.fixed_version;
    const what = `${finding.osv} in ${module} ${version}, mended in ${fixed ?? 'none'}`;
    const text = `${what}: ${summaries.get(finding.osv)}`;
    called.set(finding.osv, { text, isOfGo: module === 'stdlib', mended: fixed });
  }
  return [...called.values()];
}

async function isServed() {
  try {
    const answer = await fetch(`${DATABASE}/index/db.json`, {
      signal: AbortSignal.timeout(10_000),
    });
    return answer.ok;
  } catch {
    return false;
  }
}

/** The module has no index; what makes one is in it. */
function databaseOfModule() {
  const env = { ...process.env, GOFLAGS: '-mod=mod' };
  const options = { encoding: 'utf8', env, cwd: path.parse(root).root };
  const { status, stdout } = spawnSync(
    'go',
    ['mod', 'download', '-json', `${MODULE}@latest`],
    options,
  );
  if (status !== 0) return undefined;
  const { Dir: sources, Version: version } = JSON.parse(stdout);
  const folder = inCache(`vulndb-${version}`);
  if (!fs.existsSync(folder)) {
    const made = `${folder}.tmp-${process.pid}`;
    const indexer = `${MODULE}/cmd/indexdb@${version}`;
    const from = path.join(sources, 'data', 'osv');
    const args = ['run', indexer, '-vulns', from, '-out', made];
    const indexed = spawnSync('go', args, { ...options, stdio: 'inherit' });
    // Its stderr has said why.
    if (indexed.status !== 0) return undefined;
    fs.renameSync(made, folder);
  }
  return `file://${folder}`;
}

function faultsOfNpm() {
  const { stdout } = spawnSync('npm', ['audit', '--omit=dev', '--json'], {
    cwd: root,
    encoding: 'utf8',
  });
  const { vulnerabilities, message, error } = JSON.parse(stdout || '{}');
  if (vulnerabilities === undefined) {
    console.log(
      `left out: npm audit, as the registry does not answer: ${message ?? error?.summary}`,
    );
    return [];
  }
  const found = Object.values(vulnerabilities);
  console.log(`npm audit: ${found.length} in what is installed with the package`);
  return found.map(({ name, severity, range }) => `${name} ${range}: ${severity}`);
}

findVulnerabilities({ isRelease: process.argv[2] === '--release' }).catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
