// One process of the test: calls what it is told to with each value in each place, and writes down what came of it.
import { openHooked } from '../../hooks/load.js';
import {
  existsSync,
  openSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import * as api from '../../../lib/index.js';
import { Hook } from '../../hooks/messages.js';
import type { Right } from './right.js';
import type { Callable, Place } from './surface.js';
import { few, values } from './values.js';
import { verdictOn } from './verdict.js';
import { openWorld } from './world.js';

export type Report = { calls: number; refused: number; findings: string[] };

/** What a call may take on a busy machine; most take no time. */
const LIMIT_MS = 15_000;
/** What may take until all that was made is gone: a hidden worker lingers for a second. */
const QUIET_MS = 20_000;
/** Padded, so that the last one stands there alone. */
const NAME_LENGTH = 200;

/** Where Linux lists them. */
const FILES = '/proc/self/fd';

type Methods = Record<string, (...given: unknown[]) => unknown>;

const [callablesFile = '', progressFile = '', reportFile = ''] = process.argv.slice(2);
const callables = JSON.parse(readFileSync(callablesFile, 'utf8')) as Callable[];
const progress = openSync(progressFile, 'w');
const report: Report = { calls: 0, refused: 0, findings: [] };
let current = 'the beginning';

function found(what: string): void {
  report.findings.push(`${current}: ${what}`);
}

for (const name of ['unhandledRejection', 'uncaughtException'] as const) {
  process.on(name, (error: unknown) => {
    found(`${name}: ${error instanceof Error ? (error.stack ?? '') : String(error)}`);
  });
}

// What an app's listeners bring about is its own; what timers say of a number is ours.
process.on('warning', ({ name, message }) => {
  if (!/^(AddEventListener|MaxListeners)/.test(name)) found(`a warning, ${name}: ${message}`);
});

/** Where a crash leaves it to be read. */
function begin(name: string): void {
  current = name;
  writeSync(progress, name.padEnd(NAME_LENGTH).slice(0, NAME_LENGTH), 0);
}

async function within(what: unknown): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`nothing came of it within ${LIMIT_MS} ms`));
    }, LIMIT_MS);
  });
  try {
    return await Promise.race([what, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Puts a value in its place, and makes what is to hold it if that is not there. */
function put(args: unknown[], [argument, ...members]: Place, value: unknown): void {
  let holder = args as unknown as Record<string, unknown>;
  let key = String(argument);
  for (const member of members) {
    const inner = holder[key];
    if (typeof inner !== 'object' || inner === null) holder[key] = member === '[]' ? [] : {};
    holder = holder[key] as Record<string, unknown>;
    key = member === '[]' ? '0' : member === '*' ? (Object.keys(holder)[0] ?? 'key') : member;
  }
  holder[key] = value;
}

async function invoke(callable: Callable, on: unknown, args: unknown[]): Promise<unknown> {
  const { kind, owner, member } = callable;
  const exported = (api as unknown as Methods)[owner];
  switch (kind) {
    case 'function':
      return exported?.(...args);
    case 'constructor':
      return Reflect.construct<unknown[], unknown>(exported as never, args);
    case 'setter':
      return Reflect.set(on as object, member, args[0]);
    case 'stream': {
      const writer = (on as Record<string, WritableStream>)[member]?.getWriter();
      for (const promise of [writer?.closed, writer?.ready]) promise?.catch(() => undefined);
      return await writer?.write(args[0]);
    }
    case 'static':
      return (exported as unknown as Methods)[member]?.(...args);
    case 'method':
      return await (on as Methods)[member]?.(...args);
  }
}

/** Makes a call, uses what it gives, and ends that; gives what was thrown, if anything was. */
async function attempt(
  callable: Callable,
  right: Right,
  args: unknown[],
): Promise<[] | [error: unknown]> {
  report.calls += 1;
  const on = await right.on?.();
  let made: [] | [result: unknown] = [];
  let thrown: [] | [error: unknown] = [];
  try {
    made = [await within(invoke(callable, on, args))];
    await within(right.then?.(made[0]));
  } catch (error) {
    report.refused += 1;
    thrown = [error];
  }
  if (made.length > 0) await within(right.after?.(made[0], on, args));
  await within(right.end?.(on));
  return thrown;
}

/** The members that what is in a place may have. */
function membersOf({ places }: Callable, place: Place): string[] {
  return places
    .map((one) => one.place)
    .filter((one) => one.length === place.length + 1 && place.every((part, i) => part === one[i]))
    .map((one) => String(one.at(-1)));
}

async function tryRight(callable: Callable, right: Right, when: string): Promise<void> {
  begin(`${callable.name} with right arguments, ${when}`);
  const [error] = await attempt(callable, right, right.args());
  if (error !== undefined && right.unlikely === undefined) found((error as Error).stack ?? '');
}

async function tryValue(
  callable: Callable,
  right: Right,
  place: Place,
  name: string,
): Promise<void> {
  begin(`${callable.name}, ${place.join('.')}: ${name}`);
  try {
    const args = right.args();
    put(args, place, values[name]?.(membersOf(callable, place)));
    const [error] = await attempt(callable, right, args);
    const verdict = error === undefined ? undefined : verdictOn(error, callable, name);
    if (verdict !== undefined) found(verdict);
  } catch (error) {
    found(`what was taken can't be ended: ${(error as Error).stack}`);
  }
}

async function tryCallable(callable: Callable, rights: Right[]): Promise<void> {
  for (const right of rights) {
    const { within: member } = right;
    await tryRight(callable, right, 'before');
    for (const { place } of callable.places) {
      if (member !== undefined && place[1] !== member) continue;
      const names = member === undefined ? Object.keys(values) : few;
      for (const name of names) await tryValue(callable, right, place, name);
    }
    await tryRight(callable, right, 'after');
  }
}

/** What there is of the core's goroutines and of open files, by what they are. */
async function holdings(): Promise<Map<string, number>> {
  const held = new Map<string, number>();
  const add = (what: string, count: number): void => {
    held.set(what, (held.get(what) ?? 0) + count);
  };
  const { byStack } = await openHooked().request(0, Hook.Goroutines, {});
  for (const [stack, count] of Object.entries(byStack)) {
    // Not the thread that asks.
    if (/\bpion\/|\/internal\//.test(stack) && !stack.includes('main.mscp')) {
      add(`goroutines: ${stack}`, count);
    }
  }
  for (const file of existsSync(FILES) ? readdirSync(FILES) : []) {
    try {
      add(`files: ${readlinkSync(path.join(FILES, file)).replace(/\d+/g, 'N')}`, 1);
    } catch {
      // That of the folder itself.
    }
  }
  return held;
}

/** What there is more of than before. */
async function more(before: Map<string, number>): Promise<string[]> {
  return [...(await holdings())]
    .filter(([what, count]) => count > (before.get(what) ?? 0))
    .map(([what, count]) => `${count} instead of ${before.get(what) ?? 0} ${what}`);
}

// What is made once is there then.
await (await openWorld()).close();
await delay(2000);
const before = await holdings();
const world = await openWorld();
for (const callable of callables) {
  const rights = world.rights[callable.name];
  begin(callable.name);
  if (rights === undefined) found('nothing says how it is called right');
  else await tryCallable(callable, rights);
}
begin('the end');
await world.close();
let left = await more(before);
for (const end = performance.now() + QUIET_MS; left.length > 0 && performance.now() < end;) {
  await delay(100);
  left = await more(before);
}
for (const one of left) found(one);
writeFileSync(reportFile, JSON.stringify(report));
