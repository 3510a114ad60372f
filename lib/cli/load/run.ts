// A run: threads of bots, what they tell each second, and what it comes to.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { NOTHING, meansOf, noValues, metricNames, rounded } from './metrics.js';
import type { Options } from './options.js';
import { rolesOf, shareOf } from './shares.js';
import { added, summaryOf } from './summary.js';
import type { Second, Summary } from './summary.js';
import type { FromThread, Result, Sample, ThreadData, ToThread } from './thread.js';

/** What leaving may take, and reading all statistics before. */
const END_LIMIT_MS = 20_000;
const END_LIMIT_MS_PER_BOT = 50;

export type Watcher = (second: Second, errors: Record<string, number>) => void;

type Errors = Record<string, number>;

/** One thread, and what it told last. */
class Thread {
  readonly #worker: Worker;
  readonly bots: number;
  readonly ready: Promise<void>;
  readonly ended: Promise<void>;
  sample: Sample | undefined;
  result: Result | undefined;
  errors: Errors = {};
  failure: string | undefined;

  constructor(data: ThreadData) {
    this.bots = data.roles.length;
    this.#worker = new Worker(new URL('./load-thread.mjs', import.meta.url), { workerData: data });
    this.ready = new Promise((resolve, reject) => {
      this.#worker.on('message', (message: FromThread) => {
        if (message.type === 'ready') resolve();
        else if (message.type === 'failed') {
          this.failure ??= message.message;
          reject(new Error(message.message));
        } else {
          this.errors = message.errors;
          if (message.type === 'sample') this.sample = message.sample;
          else this.#finish(message.result);
        }
      });
      this.#worker.on('error', (error) => {
        this.failure ??= error.message;
        reject(error);
      });
    });
    this.ready.catch(() => undefined);
    this.ended = once(this.#worker, 'exit').then(() => {
      if (!this.result) this.failure ??= 'a thread of bots ended';
    });
  }

  say(message: ToThread): void {
    this.#worker.postMessage(message);
  }

  async terminate(): Promise<void> {
    await this.#worker.terminate();
  }

  #finish(result: Result): void {
    this.result = result;
    this.sample = result.sample;
  }
}

/**
 * Runs to its end, or until `signal` aborts. Never hangs: who does not end is ended.
 *
 * @throws Error where nothing could begin, with the reason.
 */
export async function run(options: Options, signal: AbortSignal, watch: Watcher): Promise<Summary> {
  const threads = openThreads(options);
  try {
    await Promise.race([Promise.all(threads.map(({ ready }) => ready)), aborted(signal)]);
    const began = new Date();
    const begun = performance.now();
    for (const thread of threads) thread.say({ type: 'start' });
    const clock = new Clock(options, threads, begun);
    const early = await untilEnd(options, threads, signal, () => {
      const second = clock.tick();
      if (second) watch(second, errorsOf(threads));
    });
    for (const thread of threads) thread.say({ type: 'end', early: early !== undefined });
    const seconds = (performance.now() - begun) / 1000;
    await ends(threads, options.own.to - options.own.from);
    const last = clock.tick();
    if (last) watch(last, errorsOf(threads));
    return summaryOf(options, {
      ...{ began, seconds: rounded(seconds), history: clock.history },
      ...(early === undefined ? {} : { early }),
      ...outcomeOf(threads),
    });
  } finally {
    await Promise.all(threads.map((thread) => thread.terminate()));
  }
}

function openThreads({ settings, plan, own, threads }: Options): Thread[] {
  const token = randomUUID();
  return Array.from({ length: threads }, (_, index) => {
    const { from, to } = shareOf(own.to - own.from, index, threads);
    const roles = rolesOf({ from: own.from + from, to: own.from + to }, plan);
    return new Thread({ settings, roles, token });
  });
}

/** Resolves to why it ended before its time, if it did. */
async function untilEnd(
  { plan, duration }: Options,
  threads: Thread[],
  signal: AbortSignal,
  tick: () => void,
): Promise<string | undefined> {
  const end = performance.now() + (plan.ramp + duration) * 1000;
  const allEnded = Promise.all(threads.map(({ ended }) => ended)).then(() => 'over');
  const told = aborted(signal).catch(() => 'told');
  while (performance.now() < end) {
    let timer: NodeJS.Timeout | undefined;
    const next = new Promise<string>((resolve) => {
      timer = setTimeout(resolve, Math.min(1000, end - performance.now()), 'next');
    });
    const what = await Promise.race([next, allEnded, told]);
    clearTimeout(timer);
    if (what === 'told') return (signal.reason as Error).message;
    tick();
    if (what === 'over') return 'all threads of bots ended';
    if (threads.every(isLeft)) return 'no bot is left';
  }
  return undefined;
}

/** Whether none of its bots is there, nor will be. */
function isLeft({ sample, failure }: Thread): boolean {
  if (failure !== undefined) return true;
  if (!sample) return false;
  const { waiting, joining, joined } = sample.states;
  return waiting + joining + joined === 0;
}

/** Threads that do not end in time are ended. */
async function ends(threads: Thread[], bots: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, END_LIMIT_MS + bots * END_LIMIT_MS_PER_BOT);
  });
  await Promise.race([Promise.all(threads.map(({ ended }) => ended)), late]);
  clearTimeout(timer);
  for (const thread of threads) {
    if (!thread.result) thread.failure ??= 'a thread of bots did not end in time';
  }
}

function errorsOf(threads: Thread[]): Errors {
  const failures = threads.flatMap(({ failure }) =>
    failure === undefined ? [] : [{ [failure]: 1 }],
  );
  return added<Errors>({}, ...threads.map(({ errors }) => errors), ...failures);
}

function outcomeOf(threads: Thread[]) {
  const values = noValues();
  const counts = { joined: 0, failed: 0, lost: 0, refused: 0 };
  for (const { sample, result, bots, failure } of threads) {
    for (const name of metricNames) values[name].push(...(result?.values[name] ?? []));
    counts.joined += result?.values.join.length ?? sample?.states.joined ?? 0;
    counts.refused += sample?.refused ?? 0;
    counts.lost += sample?.states.lost ?? 0;
    counts.failed += sample?.states.failed ?? 0;
    // Whoever was in a thread that broke is lost with it.
    if (failure !== undefined && !result) {
      counts.lost += bots - (sample?.states.lost ?? 0) - (sample?.states.failed ?? 0);
    }
  }
  const totals = threads.map(({ sample }) => sample?.totals ?? NOTHING);
  return { values, counts, totals: added(NOTHING, ...totals), errors: errorsOf(threads) };
}

/** What all threads together have, second by second. */
class Clock {
  readonly #options: Options;
  readonly #threads: Thread[];
  readonly #begun: number;
  #cpu = process.cpuUsage();
  #cpuAt = performance.now();
  readonly history: Second[] = [];

  constructor(options: Options, threads: Thread[], begun: number) {
    this.#options = options;
    this.#threads = threads;
    this.#begun = begun;
  }

  tick(): Second | undefined {
    const now = performance.now();
    const at = (now - this.#begun) / 1000;
    // Of two that fall together the first counts.
    if (at - (this.history.at(-1)?.at ?? 0) < 0.5) return undefined;
    const samples = this.#threads.map(({ sample }) => sample).filter((one) => one !== undefined);
    const rate = (key: keyof Sample['rates']) => Math.round(sum(({ rates }) => rates[key]));
    const kbits = (key: keyof Sample['rates']) => Math.round((rate(key) * 8) / 1000);
    const sum = (of: (sample: Sample) => number) =>
      samples.reduce((total, sample) => total + of(sample), 0);
    const cpu = process.cpuUsage(this.#cpu);
    const cores = (cpu.user + cpu.system) / 1000 / (now - this.#cpuAt);
    [this.#cpu, this.#cpuAt] = [process.cpuUsage(), now];
    const second: Second = {
      ...{ type: 'second', pod: this.#options.pod, at: rounded(at) },
      waiting: this.#threads.reduce(
        (total, { sample, bots }) => total + (sample?.states.waiting ?? bots),
        0,
      ),
      joining: sum(({ states }) => states.joining),
      joined: sum(({ states }) => states.joined),
      failed: sum(({ states }) => states.failed),
      lost: sum(({ states }) => states.lost),
      refused: sum(({ refused }) => refused),
      consumers: sum(({ consumers }) => consumers),
      kbitsSent: kbits('bytesSent'),
      kbitsReceived: kbits('bytesReceived'),
      packetsSent: rate('packetsSent'),
      packetsReceived: rate('packetsReceived'),
      messagesSent: rate('messagesSent'),
      messagesReceived: rate('messagesReceived'),
      ...meansOf(samples),
      loop: Math.max(0, ...samples.map(({ loop }) => loop)),
      ...{ cores: rounded(cores), rss: Math.round(process.memoryUsage.rss() / 2 ** 20) },
    };
    this.history.push(second);
    return second;
  }
}

async function aborted(signal: AbortSignal): Promise<never> {
  if (!signal.aborted) await once(signal, 'abort');
  throw signal.reason as Error;
}
