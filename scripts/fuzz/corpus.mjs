// What is kept of all that a target found: of the smallest inputs first, each that reaches code that none before it did.
// Go's own measure is finer, and keeps a hundred times as many.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { goEnv } from '../lib/go-env.mjs';
import { buildCoverage, foundIn } from './targets.mjs';

const MOST_INPUTS = 50;
const MOST_BYTES = 200_000;

/** Copies them to testdata/fuzz, beside what is there; resolves to how many it has. */
export async function keepCorpus(target) {
  const kept = path.join(target.path, 'testdata/fuzz', target.name);
  const program = await buildCoverage(target);
  const found = [...inputsOf(kept), ...inputsOf(path.join(foundIn(target), target.name))].sort(
    (a, b) => a.size - b.size || a.name.localeCompare(b.name),
  );
  const workplace = fs.mkdtempSync(path.join(os.tmpdir(), 'fuzz-corpus-'));
  try {
    copyAllBut(kept, path.join(target.path, 'testdata'), path.join(workplace, 'testdata'));
    const seeds = path.join(workplace, 'testdata/fuzz', target.name);
    fs.mkdirSync(seeds, { recursive: true });
    const reached = await reaches(target, program, workplace, 'seed#');
    let [count, bytes] = [inputsOf(kept).length, sum(inputsOf(kept))];
    for (const input of found) {
      if (count >= MOST_INPUTS || bytes + input.size > MOST_BYTES) break;
      const isKept = path.dirname(input.path) === kept;
      fs.copyFileSync(input.path, path.join(seeds, input.name));
      const now = await reaches(target, program, workplace, `${input.name}$`);
      const more = [...now].filter((block) => !reached.has(block));
      for (const block of more) reached.add(block);
      if (isKept || more.length === 0) continue;
      fs.mkdirSync(kept, { recursive: true });
      fs.copyFileSync(input.path, path.join(kept, input.name));
      count++;
      bytes += input.size;
    }
    return count;
  } finally {
    fs.rmSync(workplace, { recursive: true });
  }
}

const sum = (inputs) => inputs.reduce((bytes, { size }) => bytes + size, 0);

function inputsOf(folder) {
  if (!fs.existsSync(folder)) return [];
  return fs.readdirSync(folder).map((name) => {
    const file = path.join(folder, name);
    return { name, path: file, size: fs.statSync(file).size };
  });
}

/** What else the tests of the package read. */
function copyAllBut(kept, from, to) {
  if (!fs.existsSync(from)) return;
  fs.cpSync(from, to, { recursive: true, filter: (file) => file !== kept });
}

/** The blocks of code that one input reaches. */
async function reaches(target, program, cwd, input) {
  const profile = path.join(cwd, 'cover.out');
  fs.rmSync(profile, { force: true });
  await new Promise((resolve, reject) => {
    const args = [`-test.run=^${target.name}$/^${input}`, `-test.coverprofile=${profile}`];
    const child = spawn(program, args, { cwd, env: goEnv(), stdio: 'ignore' });
    child.once('error', reject).once('close', resolve);
  });
  if (!fs.existsSync(profile)) return new Set();
  const blocks = fs.readFileSync(profile, 'utf8').split('\n').slice(1);
  return new Set(
    blocks.filter((line) => / [1-9]\d*$/.test(line)).map((line) => line.split(' ')[0]),
  );
}
