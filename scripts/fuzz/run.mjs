// Runs one fuzz target.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { goEnv } from '../lib/go-env.mjs';
import { foundIn } from './targets.mjs';

/** Of address space, in KB: Go takes some of it for itself, and 100 MB to speak with the fuzzer. */
const MOST_MEMORY = 6 << 20;

/** What a target did in so many minutes; `finding` is undefined if nothing failed. */
export async function fuzz(target, program, minutes) {
  const started = Date.now();
  const { code, signal, output } = await runBounded(target, program, [
    '-test.run=^$',
    `-test.fuzz=^${target.name}$`,
    `-test.fuzztime=${Math.round(minutes * 60)}s`,
    '-test.parallel=1',
    // Go would spend up to a minute on making each input smaller that it finds.
    '-test.fuzzminimizetime=1s',
    `-test.fuzzcachedir=${foundIn(target)}`,
    `-test.timeout=${Math.ceil(minutes) + 10}m`,
  ]);
  const last = [...output.matchAll(/execs: (\d+) .*new interesting: (\d+) \(total: (\d+)\)/g)].at(
    -1,
  );
  const result = {
    target: target.name,
    package: target.folder,
    minutes: Number(((Date.now() - started) / 60_000).toFixed(2)),
    executions: Number(last?.[1] ?? 0),
    interesting: Number(last?.[2] ?? 0),
    corpus: Number(last?.[3] ?? 0),
  };
  const failing = /Failing input written to (\S+)/.exec(output)?.[1];
  // Go's fuzzer sometimes takes the end of its time for a failure, if it waits for a worker then.
  const isOver = failing === undefined && /^\s+context deadline exceeded$/m.test(output);
  if (code !== 0 && !isOver) {
    result.finding = failing ?? signal ?? `exit status ${code}`;
    console.error(output.split('\n').slice(-60).join('\n'));
  }
  return result;
}

function runBounded(target, program, args) {
  const bounded = `ulimit -v ${MOST_MEMORY}; exec "$0" "$@"`;
  return new Promise((resolve, reject) => {
    const child = spawn('sh', ['-c', bounded, path.resolve(program), ...args], {
      cwd: target.path,
      env: { ...goEnv(), GOMEMLIMIT: '2GiB' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => (output += text));
    }
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, output }));
  });
}
