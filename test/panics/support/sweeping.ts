// A panic wherever a goroutine or a callback begins, pion's, FFmpeg's and miniaudio's included: its Worker dies and tells where,
// and others live on. PANICS=all has every place of the list panic, else some of the lives of each day; SEED chooses others, and
// PLACE one.
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { until } from '../../e2e/session.js';
import { mulberry32 } from '../../e2e/support/random.mjs';
import { Rpc } from '../../network/support/rpc.mjs';
import { DAILY, byLife, isListed, livesOf } from './places.js';
import type { Attempt, Outcome } from './places.js';
import { panicAt } from './message.js';

const SHARE = 2;
const seed = Number(process.env['SEED'] ?? Math.floor(Date.now() / 86_400_000));
const random = mulberry32(seed);
const program = fileURLToPath(new URL('sweep.ts', import.meta.url));
const only = process.env['PLACE'];

/** Some of them, each time others. */
function choose(life: string): Attempt[] {
  const all = byLife.get(life) ?? [];
  if (only !== undefined) return all.filter(({ place }) => place === only);
  if (process.env['PANICS'] === 'all') return all;
  if (!DAILY.includes(life)) return [];
  const left = [...all];
  const chosen: Attempt[] = [];
  while (left.length > 0 && chosen.length < SHARE) {
    chosen.push(...left.splice(Math.floor(random() * left.length), 1));
  }
  return chosen;
}

/** The tests of the lives of a file. */
export function sweep(file: string): void {
  for (const life of livesOf(file)) {
    const chosen = choose(life);
    if (chosen.length > 0) sweepLife(life, chosen);
  }
}

function sweepLife(life: string, chosen: Attempt[]): void {
  describe(`a panic in the life "${life}" (seed ${seed})`, () => {
    let child: ChildProcess;
    let rpc: Rpc;
    let printed = '';
    let entered: string[] = [];

    before(async () => {
      child = fork(program, [life], {
        execArgv: ['--expose-gc', '--import', 'tsx'],
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      });
      for (const stream of [child.stdout, child.stderr]) {
        stream?.setEncoding('utf8').on('data', (text: string) => (printed += text));
      }
      const ready = new Promise<{ places: string[] }>((resolve, reject) => {
        rpc = new Rpc(child, { ready: resolve });
        child.once('exit', (code, signal) => {
          reject(new Error(`it ended with ${code ?? signal}: ${printed}`));
        });
      });
      entered = (await ready).places;
    });
    after(async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      const limit = setTimeout(() => child.kill('SIGKILL'), 60_000);
      await rpc.call('close').catch(() => undefined);
      const [code] = (await exited) as [number | null];
      clearTimeout(limit);
      assert.equal(code, 0, printed);
    });

    it('enters nothing that is not listed', () => {
      for (const place of entered) assert.ok(isListed(place), `${place} is not in places.json`);
    });

    for (const { place, when } of chosen) {
      it(`at "${place}" ends that Worker alone, which tells of it, and leaves nothing`, async () => {
        const { isTold, isHeard, others, left } = (await rpc
          .call('attempt', { place, when })
          .catch((error: unknown) => {
            throw new Error(`${(error as Error).message}\n${printed}`);
          })) as Outcome;
        // What a Worker left behind when it closed is printed.
        if (!isTold) await until('it is printed', () => printed.includes(panicAt(place)));
        assert.ok(when !== 'during' || isTold);
        assert.ok(isHeard, 'nobody heard of it');
        assert.deepEqual(
          others.filter((message) => !message.startsWith('deliberate panic: ')),
          [],
        );
        assert.deepEqual(left, []);
      });
    }
  });
}
