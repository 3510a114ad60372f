import assert from 'node:assert/strict';
import { it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { SerialQueue } from '../../lib/SerialQueue.js';

it('tasks run one after the other, in order, and their results come back', async () => {
  const queue = new SerialQueue();
  const steps: string[] = [];
  const task = (name: string) => async (): Promise<string> => {
    steps.push(`${name} begins`);
    await turn();
    steps.push(`${name} ends`);
    return name;
  };
  const results = await Promise.all([queue.run(task('a')), queue.run(task('b'))]);
  assert.deepEqual(results, ['a', 'b']);
  assert.deepEqual(steps, ['a begins', 'a ends', 'b begins', 'b ends']);
});

it('a task that fails does not hold up the next', async () => {
  const queue = new SerialQueue();
  const failing = queue.run(() => Promise.reject(new Error('no')));
  const next = queue.run(() => Promise.resolve('yes'));
  await assert.rejects(failing, /no/);
  assert.equal(await next, 'yes');
});

it('stop() rejects what runs, what waits and what comes, and the waiting never runs', async () => {
  const queue = new SerialQueue();
  const running = queue.run(() => new Promise(() => undefined));
  const waiting = queue.run(() => Promise.reject(new Error('ran')));
  await turn();
  queue.stop(new Error('stopped'));
  const coming = queue.run(() => Promise.resolve());
  for (const promise of [running, waiting, coming]) await assert.rejects(promise, /stopped/);
});
