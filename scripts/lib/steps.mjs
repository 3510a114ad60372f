// Runs set-up steps in order, skips what is up to date, and shows progress, elapsed time and what is left.
import path from 'node:path';
import { CommandError } from './process.mjs';
import { inCache } from './project.mjs';
import { acquireLock } from './lock.mjs';

/** A failure with its cure: what the user does next. */
export class StepError extends Error {
  name = 'StepError';

  constructor(message, { cure, log, tail, cause } = {}) {
    super(message, { cause });
    this.cure = cure;
    this.log = log;
    this.tail = tail;
  }
}

export function duration(ms) {
  const seconds = Math.round(ms / 1000);
  if (ms < 9_950) return `${(ms / 1000).toFixed(1)} s`;
  if (seconds < 60) return `${seconds} s`;
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
}

/** One line that updates in place on a terminal, and a line now and then elsewhere. */
class Progress {
  #title;
  #quiet;
  #expected;
  #started = Date.now();
  #detail = '';
  #fraction;
  #timer;
  #lastPlain = Date.now();

  constructor(title, { quiet, expectedSeconds }) {
    this.#title = title;
    this.#quiet = quiet;
    this.#expected = (expectedSeconds ?? 0) * 1000;
    if (quiet) return;
    if (process.stdout.isTTY) {
      this.#timer = setInterval(() => this.#draw(), 250);
    } else {
      console.log(`${title} …${this.#left()}`);
      this.#timer = setInterval(() => this.#draw(), 1000);
    }
    this.#timer.unref();
  }

  /** `fraction` is 0 to 1, or undefined where it isn't known. */
  update(detail, fraction) {
    this.#detail = detail;
    if (fraction !== undefined) this.#fraction = Math.min(fraction, 0.99);
  }

  note(line) {
    if (this.#quiet) return;
    if (process.stdout.isTTY) process.stdout.write('\r\x1b[K');
    console.log(`    ${line}`);
  }

  end(outcome) {
    clearInterval(this.#timer);
    if (this.#quiet) return;
    if (process.stdout.isTTY) process.stdout.write('\r\x1b[K');
    console.log(`${this.#title}: ${outcome}, ${duration(Date.now() - this.#started)}`);
  }

  #left() {
    const elapsed = Date.now() - this.#started;
    let total = this.#expected;
    // The first few percent of a build say little about the rest of it.
    if (this.#fraction > 0.05) total = elapsed / this.#fraction;
    if (!total) return '';
    return `, about ${duration(Math.max(total - elapsed, 1000))} left`;
  }

  #draw() {
    const elapsed = Date.now() - this.#started;
    const percent = this.#fraction === undefined ? '' : ` ${Math.floor(this.#fraction * 100)}%`;
    const detail = this.#detail ? ` ${this.#detail}` : '';
    const line = `${this.#title}:${detail}${percent}, ${duration(elapsed)}${this.#left()}`;
    if (process.stdout.isTTY) {
      const width = (process.stdout.columns || 80) - 1;
      process.stdout.write(`\r\x1b[K${line.slice(0, width)}`);
    } else if (Date.now() - this.#lastPlain >= 20_000) {
      this.#lastPlain = Date.now();
      console.log(`    ${line}`);
    }
  }
}

/**
 * A step is `{ name, expectedSeconds?, current(), run(progress), cure? }`. `current()` must be cheap: it decides
 * whether the step is skipped. Resolves to the number of steps that had something to do.
 */
export async function runSteps(steps, { quiet = false, lockName = 'lock' } = {}) {
  let lock;
  let done = 0;
  try {
    for (const [index, step] of steps.entries()) {
      if (await step.current()) continue;
      lock ??= await acquireLock(inCache(lockName), { quiet });
      // Another run may have done this very step while we waited.
      if (await step.current()) continue;

      const title = `[${index + 1}/${steps.length}] ${step.name}`;
      const progress = new Progress(title, {
        quiet,
        expectedSeconds: step.expectedSeconds,
      });
      try {
        await step.run(progress);
      } catch (error) {
        progress.end('FAILED');
        throw described(step, error);
      }
      progress.end('done');
      done++;
    }
  } finally {
    lock?.release();
  }
  return done;
}

function described(step, error) {
  const isKnown = error instanceof StepError || error instanceof CommandError;
  return new StepError(`${step.name}: ${error.message}`, {
    cause: error,
    log: error.log,
    tail: error.tail ?? (isKnown ? undefined : [String(error.stack)]),
    cure: error.cure ?? step.cure,
  });
}

/** Prints a failed step the way a person can act on it. */
export function printFailure(error) {
  const lines = ['', `Set-up failed. ${error.message}`];
  if (error.tail?.length) {
    lines.push('', ...error.tail.map((line) => `    | ${line}`));
  }
  if (error.log) lines.push('', `Full log: ${path.resolve(error.log)}`);
  if (error.cure) lines.push('', `What to do: ${error.cure}`);
  console.error(lines.join('\n'));
}
