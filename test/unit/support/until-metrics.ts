// Workers of tests, and waiting for what their numbers say.
import type { TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { createWorker } from '../../../lib/index.js';
import type { Worker, WorkerMetrics } from '../../../lib/index.js';

export async function open(t: TestContext): Promise<Worker> {
  const worker = await createWorker({ logLevel: 'none' });
  t.after(() => worker.close());
  return worker;
}

/** A generator that ends with the test. */
export function stopped<T extends { track: { stop(): void } }>(t: TestContext, generator: T): T {
  t.after(() => {
    generator.track.stop();
  });
  return generator;
}

export async function until(worker: Worker, what: string, holds: (m: WorkerMetrics) => boolean) {
  const end = Date.now() + 120_000;
  for (;;) {
    const metrics = await worker.getMetrics();
    if (holds(metrics)) return metrics;
    if (Date.now() > end) throw new Error(`never: ${what}: ${JSON.stringify(metrics.thread)}`);
    await delay(20);
  }
}
