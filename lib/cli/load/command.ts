// `load` and `load collect`: a file of its own, which the other commands do not read.
import fs from 'node:fs';
import path from 'node:path';
import { Screen } from '../Screen.mjs';
import { UsageError } from '../UsageError.js';
import { visible } from '../table.js';
import { collect } from './collect.js';
import { LOAD_HELP, readCollectOptions, readOptions } from './options.js';
import { openMetrics } from './prometheus.js';
import { reportOf } from './report.js';
import { run } from './run.js';
import { parseThresholds } from './thresholds.js';
import type { Note, Summary } from './summary.js';
import { blockOf, summaryText } from './text.js';

type Files = { report?: string; json?: string };

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** Resolves to the exit status. @throws UsageError if it was called wrongly. */
export async function load(args: string[]): Promise<number> {
  const [first, ...rest] = args;
  if (args.includes('--help') || args.includes('-h')) {
    print(LOAD_HELP);
    return 0;
  }
  return first === 'collect' ? collectFiles(rest) : await runBots(args);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function runBots(args: string[]): Promise<number> {
  const options = readOptions(args);
  assertWritable(options);
  if (options.own.to === options.own.from) {
    const { pod, pods } = options;
    const note: Note = { type: 'note', pod, message: `pod ${pod} of ${pods} has no bot` };
    print(JSON.stringify(note));
    return 0;
  }
  const screen = new Screen();
  const told = new AbortController();
  const end = (signal: NodeJS.Signals) => {
    told.abort(new Error(`${signal} came`));
  };
  for (const signal of SIGNALS) process.once(signal, end);
  const metrics = await openMetrics(options);
  try {
    if (metrics) process.stderr.write(`metrics at ${metrics.url}\n`);
    const summary = await run(options, told.signal, (second, errors) => {
      metrics?.take(second);
      if (!screen.live) print(JSON.stringify(second));
      else
        screen.show(
          () => blockOf(options, second, errors, screen),
          () => '',
        );
    });
    metrics?.finish(summary);
    screen.end();
    tell(summary, options, screen.live);
    await metrics?.lastScrape();
    return summary.passed ? 0 : 1;
  } catch (error) {
    screen.end();
    process.stderr.write(`${visible((error as Error).message)}\n`);
    return 1;
  } finally {
    for (const signal of SIGNALS) process.off(signal, end);
    await metrics?.close();
  }
}

function collectFiles(args: string[]): number {
  const options = readCollectOptions(args);
  assertWritable(options);
  let summary: Summary;
  try {
    summary = collect(options.files, options.thresholds ?? parseThresholds([]));
  } catch (error) {
    process.stderr.write(`${visible((error as Error).message)}\n`);
    return 1;
  }
  tell(summary, options, process.stdout.isTTY);
  return summary.passed ? 0 : 1;
}

/** That there is no such folder is to be told before the run, not after it. */
function assertWritable({ report, json }: Files): void {
  for (const file of [report, json]) {
    if (file === undefined) continue;
    const folder = path.dirname(path.resolve(file));
    try {
      fs.accessSync(folder, fs.constants.W_OK);
    } catch {
      throw new UsageError(`there is no folder ${folder} that can be written to, for ${file}`);
    }
  }
}

/** To the files, and as the last that is printed. */
function tell(summary: Summary, { report, json }: Files, isTerminal: boolean): void {
  if (json !== undefined) fs.writeFileSync(json, `${JSON.stringify(summary)}\n`);
  if (report !== undefined) fs.writeFileSync(report, reportOf(summary));
  print(isTerminal ? summaryText(summary) : JSON.stringify({ ...summary, history: undefined }));
}
