#!/usr/bin/env node
// npm run release:check: whether this commit can be released, and everything that it takes to know.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { inProject, root } from './lib/project.mjs';
import { version } from './lib/version.mjs';

const HELP = `Usage: npm run release:check [-- --tag=vX.Y.Z] [--only-repository]

Refuses a dirty working tree, and a version that package.json, package-lock.json, CHANGELOG.md and the tag don't agree
on. Then runs npm test, the long tests and that of the arm64 package, refuses a Go whose own library has a fault that a
newer one mends, and makes the packages of every platform.
--only-repository stops before all that takes time.`;

function git(...args) {
  const { status, stdout, stderr } = spawnSync('git', args, { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new Error(`git ${args.join(' ')}: ${stderr.trim()}`);
  return stdout.trim();
}

/** What keeps the repository from being released, one sentence each. */
export function repositoryFaults({ status, manifest, lock, changelog, tag }) {
  const faults = [];
  if (status) faults.push(`the working tree is dirty:\n${status}`);
  if (lock !== manifest) {
    faults.push(`package-lock.json is of version ${lock}, package.json of ${manifest}`);
  }
  const [, newest] = /^## (?!Unreleased)(\S+)/m.exec(changelog) ?? [];
  if (newest !== manifest) {
    faults.push(`CHANGELOG.md's newest version is ${newest ?? 'none'}, package.json's ${manifest}`);
  }
  const [, unreleased = ''] = /^## Unreleased\n([^]*?)(?=^## |$(?![^]))/m.exec(changelog) ?? [];
  if (unreleased.trim()) faults.push('CHANGELOG.md has entries under Unreleased');
  if (tag !== undefined && tag !== `v${manifest}`) {
    faults.push(`the tag is ${tag}, and v${manifest} is what package.json has`);
  }
  return faults;
}

function checkRepository(tag) {
  const faults = repositoryFaults({
    status: git('status', '--porcelain'),
    manifest: version(),
    lock: JSON.parse(fs.readFileSync(inProject('package-lock.json'), 'utf8')).version,
    changelog: fs.readFileSync(inProject('CHANGELOG.md'), 'utf8'),
    tag,
  });
  if (faults.length > 0) throw new Error(`not to be released:\n- ${faults.join('\n- ')}`);
}

function run(command, ...args) {
  console.log(`\n$ ${[command, ...args].join(' ')}`);
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed`);
}

function main() {
  const { values } = parseArgs({
    options: {
      tag: { type: 'string' },
      'only-repository': { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return;
  }
  checkRepository(values.tag);
  if (!values['only-repository']) {
    run('npm', 'test');
    // After what has it built: what is vulnerable is looked for in what is linked.
    run(process.execPath, 'scripts/vulnerabilities.mjs', '--release');
    run('npm', 'test', '--', '--only=long,arm64');
    run('npm', 'run', 'package');
    // What was built and tested is what was committed.
    checkRepository(values.tag);
  }
  console.log(`\nVersion ${version()} can be released.`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    main();
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
