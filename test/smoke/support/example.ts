// An example as a program of its own, in a room of the test.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import type { Room } from '../../e2e/session.js';
import { until } from '../../e2e/session.js';
import { serveRoom } from '../../e2e/support/signalling.mjs';

const examples = path.resolve(import.meta.dirname, '../../../examples');

/** A program that runs until the test ends, and what it has printed. */
export type Example = {
  readonly lines: readonly string[];
  /** Resolves with the first line that has a pattern, of those from one on, once it is printed. */
  prints(pattern: RegExp, from?: number): Promise<string>;
};

/** Starts an example in a room; a complaint of it fails the test. */
export async function startExample(
  t: TestContext,
  room: Room,
  name: string,
  ...args: string[]
): Promise<Example> {
  const served = await serveRoom(room);
  const child = spawn(process.execPath, [path.join(examples, name), served.url, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'close');
  const lines: string[] = [];
  let complaint = '';
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  child.stderr.on('data', (text: Buffer) => (complaint += text.toString()));
  t.after(async () => {
    child.kill();
    await Promise.all([ended, served.close()]);
    assert.equal(complaint, '');
  });
  return {
    lines,
    async prints(pattern, from = 0) {
      const find = () => lines.slice(from).find((line) => pattern.test(line));
      await until(`a line ${String(pattern)}`, () => find() ?? complaint);
      assert.equal(complaint, '');
      return find() ?? '';
    },
  };
}

/** The id of the next producer of a kind, once it is there. */
export async function producerOf(room: Room, kind: 'audio' | 'video'): Promise<string> {
  const find = () => [...room.server.producers.values()].find((producer) => producer.kind === kind);
  await until(`a producer of ${kind}`, find);
  return find()?.id ?? '';
}
