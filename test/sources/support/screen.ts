// An X server of a test's own, of one colour.
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import type { TestContext } from 'node:test';
import { start, succeeds } from './program.js';

/** Starts one of 320 by 240. `name` is for DISPLAY. */
export async function startScreen(t: TestContext, colour: string) {
  // It finds a free number itself, and writes it to descriptor 3.
  const server = start(
    t,
    'Xvfb',
    ['-displayfd', '3', '-screen', '0', '320x240x24', '-nolisten', 'tcp', '-noreset'],
    { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] },
  );
  const [number] = (await once(server.child.stdio[3] as Readable, 'data', {
    signal: AbortSignal.timeout(30_000),
  })) as [Buffer];
  const name = `:${number.toString().trim()}`;
  const paint = async (next: string): Promise<void> => {
    if (!(await succeeds('xsetroot', ['-display', name, '-solid', next]))) {
      throw new Error(`xsetroot did not paint the screen ${name}`);
    }
  };
  await paint(colour);
  return { name, paint, kill: () => server.kill() };
}
