// What the process takes, every few seconds, and in the quiet moments in which nobody has joined.
import fs from 'node:fs';
import path from 'node:path';
import { createWorker } from 'mediasoup-client-pion';
import type { Worker } from 'mediasoup-client-pion';

/** Sizes are in MB, `at` in seconds, `cores` since the sample before. */
export type Sample = {
  at: number;
  quiet: boolean;
  bots: number;
  rss: number;
  /** Of `rss` what is no part of a file: code that runs for the first time is read from its file, and may be left again. */
  own: number;
  /** What is in use of malloc's memory, 0 where nobody has asked. */
  cHeap: number;
  goHeap: number;
  v8Heap: number;
  external: number;
  goroutines: number;
  threads: number;
  files: number;
  cores: number;
};

type Taken = { bots: number; quiet?: boolean; cHeap?: number };

const MB = 2 ** 20;
const rounded = (value: number) => Math.round(value * 1000) / 1000;

export class Samples {
  readonly #monitor: Worker;
  /** Not in memory: it would be some of what grows. */
  readonly #file: string;
  #last: Sample | undefined;
  readonly #begun = performance.now();
  #cpu = process.cpuUsage();
  #cpuAt = performance.now();

  private constructor(monitor: Worker, file: string) {
    this.#monitor = monitor;
    this.#file = file;
  }

  /** It asks a Worker of its own, which has nothing open, and writes what it takes to a file of `folder`. */
  static async start(folder: string): Promise<Samples> {
    const file = path.join(folder, 'samples.jsonl');
    return new Samples(await createWorker({ logLevel: 'none' }), file);
  }

  get last(): Sample | undefined {
    return this.#last;
  }

  read(): Sample[] {
    if (!this.#last) return [];
    const lines = fs.readFileSync(this.#file, 'utf8').trim().split('\n');
    return lines.map((line) => JSON.parse(line) as Sample);
  }

  get seconds(): number {
    return (performance.now() - this.#begun) / 1000;
  }

  async metrics() {
    return await this.#monitor.getMetrics();
  }

  async take(taken: Taken): Promise<void> {
    this.keep(await this.look(taken));
  }

  /** What there is now; nobody is told of it who does not keep it. */
  async look({ bots, quiet = false, cHeap = 0 }: Taken): Promise<Sample> {
    const { process: go } = await this.metrics();
    const { rss, heapUsed, external } = process.memoryUsage();
    const used = process.cpuUsage(this.#cpu);
    return {
      ...{ at: rounded(this.seconds), quiet, bots },
      ...{
        rss: rounded(rss / MB),
        own: rounded(own() / MB),
        cHeap: rounded(cHeap / MB),
        v8Heap: rounded(heapUsed / MB),
        external: rounded(external / MB),
      },
      goHeap: rounded(go.heapBytes / MB),
      goroutines: go.goroutines,
      threads: fs.readdirSync('/proc/self/task').length,
      files: fs.readdirSync('/proc/self/fd').length,
      cores: rounded((used.user + used.system) / 1000 / (performance.now() - this.#cpuAt)),
    };
  }

  keep(sample: Sample): void {
    [this.#cpu, this.#cpuAt] = [process.cpuUsage(), performance.now()];
    this.#last = sample;
    fs.appendFileSync(this.#file, `${JSON.stringify(sample)}\n`);
  }

  close(): void {
    this.#monitor.close();
  }
}

/** In bytes. */
function own(): number {
  const [, kilobytes] =
    /^RssAnon:\s+(\d+) kB$/m.exec(fs.readFileSync('/proc/self/status', 'utf8')) ?? [];
  if (kilobytes === undefined) throw new Error('the system does not tell what is resident');
  return Number(kilobytes) * 1024;
}
