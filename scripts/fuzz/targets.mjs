// Go's fuzz targets, and the programs that run them.
import fs from 'node:fs';
import path from 'node:path';
import { goEnv } from '../lib/go-env.mjs';
import { capture, run } from '../lib/process.mjs';
import { inProject, logDir, root } from '../lib/project.mjs';

const programs = new Map();

/** Each target: its name, its package, and the folder of that. They are found by their form, which Go asks for: linking all tests takes a minute. */
export function findTargets() {
  const [, module] = /^module (\S+)$/m.exec(fs.readFileSync(inProject('go.mod'), 'utf8'));
  return fs
    .readdirSync(inProject('internal'), { recursive: true })
    .filter((name) => name.endsWith('_test.go'))
    .flatMap((name) => {
      const folder = path.posix.join('internal', path.dirname(name));
      const text = fs.readFileSync(inProject('internal', name), 'utf8');
      return [...text.matchAll(/^func (Fuzz\w*)\(\w+ \*testing\.F\)/gm)].map(([, target]) => ({
        name: target,
        folder,
        package: `${module}/${folder}`,
        path: inProject(folder),
      }));
    })
    .sort((a, b) => a.name.localeCompare(b.name));
}

/** The program of a target's package, made to tell the fuzzer where it was. */
export const buildTarget = (target) => build(target, 'fuzz', ['-fuzz=.']);

/** The same, made to write where it was: in its package and what is below that, and in what takes packets apart for us. */
export const buildCoverage = (target) =>
  build(target, 'cover', [
    '-cover',
    `-coverpkg=${target.package}/...,github.com/pion/rtp/...,github.com/pion/rtcp`,
  ]);

function build(target, kind, flags) {
  const program = inProject('build/fuzz', `${target.folder.replaceAll('/', '-')}.${kind}`);
  if (!programs.has(program)) {
    fs.mkdirSync(path.dirname(program), { recursive: true });
    const made = run('go', ['test', '-c', ...flags, '-o', program, `./${target.folder}`], {
      cwd: root,
      env: goEnv(),
      log: path.join(logDir, 'fuzz.log'),
    });
    programs.set(program, made);
  }
  return programs.get(program).then(() => program);
}

/** Where Go keeps what a target found, as `go test -fuzz` does. */
export function foundIn(target) {
  return path.join(capture('go', ['env', 'GOCACHE']), 'fuzz', target.package);
}
