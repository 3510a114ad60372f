// What the process takes, every few seconds, and in the quiet moments in which nobody has joined.
import fs from 'node:fs';
import { createWorker } from 'mediasoup-client-pion';
import type { Worker } from 'mediasoup-client-pion';

/** Sizes are in MB, `at` in seconds, `cores` since the sample before. */
export type Sample = {
  at: number;
  quiet: boolean;
  bots: number;
  rss: number;
  goHeap: number;
  v8Heap: number;
  external: number;
  goroutines: number;
  threads: number;
  files: number;
  cores: number;
};

const MB = 2 ** 20;
const rounded = (value: number) => Math.round(value * 1000) / 1000;

export class Samples {
  readonly all: Sample[] = [];
  readonly #monitor: Worker;
  readonly #begun = performance.now();
  #cpu = process.cpuUsage();
  #cpuAt = performance.now();

  private constructor(monitor: Worker) {
    this.#monitor = monitor;
  }

  /** It asks a Worker of its own, which has nothing open. */
  static async start(): Promise<Samples> {
    return new Samples(await createWorker({ logLevel: 'none' }));
  }

  get seconds(): number {
    return (performance.now() - this.#begun) / 1000;
  }

  async metrics() {
    return await this.#monitor.getMetrics();
  }

  async take({ bots, quiet = false }: { bots: number; quiet?: boolean }): Promise<void> {
    const { process: go } = await this.metrics();
    const { rss, heapUsed, external } = process.memoryUsage();
    const used = process.cpuUsage(this.#cpu);
    const now = performance.now();
    const sample = {
      ...{ at: rounded(this.seconds), quiet, bots },
      ...{
        rss: rounded(rss / MB),
        v8Heap: rounded(heapUsed / MB),
        external: rounded(external / MB),
      },
      goHeap: rounded(go.heapBytes / MB),
      goroutines: go.goroutines,
      threads: fs.readdirSync('/proc/self/task').length,
      files: fs.readdirSync('/proc/self/fd').length,
      cores: rounded((used.user + used.system) / 1000 / (now - this.#cpuAt)),
    };
    [this.#cpu, this.#cpuAt] = [process.cpuUsage(), now];
    this.all.push(sample);
  }

  close(): void {
    this.#monitor.close();
  }
}
