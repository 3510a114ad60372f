// Has a place panic in each worker that is made from now on, those behind generators and recorders included, and hears
// what is told of it.
import { Bridge } from '../../../lib/bridge.js';
import type { HandleListener } from '../../../lib/bridge.js';
import { untilOpened } from '../../../lib/opening.js';
import { Event, Method } from '../../../lib/wire.js';
import type { SourceSpec } from '../../../lib/wire.js';
import { openHooked } from '../../hooks/load.js';
import { Hook } from '../../hooks/messages.js';
import { panicAt } from './message.js';

/** What the place is; a `…` at its end is whatever follows. */
let armed: string | undefined;
let workers: number[] = [];
let deaths: string[] = [];

// eslint-disable-next-line @typescript-eslint/unbound-method -- called with its own `this`
const { request, listen } = Bridge.prototype;

const look = async (handle: number) => {
  workers.push(handle);
  await openHooked().request(handle, Hook.Look, { place: armed ?? '', entry: 1 });
};

Bridge.prototype.request = function (this: Bridge, handle: number, method, params) {
  const result = request.call(this, handle, method, params);
  if (method !== Method.WorkerCreate || armed === undefined) return result;
  // Before anybody else knows of it.
  return (result as Promise<{ handle: number }>).then(async (made) => {
    await look(made.handle);
    return made;
  });
};

Bridge.prototype.listen = function (this: Bridge, handle: number, listener: HandleListener) {
  const { event } = listener;
  const hearing: HandleListener['event'] = (...args) => {
    const [name, body] = args;
    if (name === Event.WorkerDied) deaths.push(body.message);
    event?.(...args);
  };
  listen.call(this, handle, workers.includes(handle) ? { ...listener, event: hearing } : listener);
};

/** From now on. An empty place only counts. */
export function arm(place: string): void {
  armed = place;
  workers = [];
  deaths = [];
}

/** For workers that are made from now on. Those that were made stay as they are. */
export function disarm(): void {
  armed = undefined;
}

/** Has a place panic that is of no worker's own context. */
export async function armAnywhere(place: string): Promise<void> {
  await openHooked().request(0, Hook.LookAnywhere, { place, entry: 1 });
}

/** What workers that were made since died of, also of those that had closed. */
export function deathsOf(place: string): string[] {
  return deaths.filter((message) => message.includes(panicAt(place)));
}

export function allDeaths(): readonly string[] {
  return deaths;
}

/** How often each place was entered in the workers that were made since, and elsewhere. */
export async function entered(): Promise<Record<string, number>> {
  const all: Record<string, number> = {};
  for (const worker of [...workers, 0]) {
    const { places } = await openHooked().request(0, Hook.Places, { worker });
    for (const [place, count] of Object.entries(places ?? {}))
      all[place] = (all[place] ?? 0) + count;
  }
  return all;
}

/** Ends the workers that were made since and are open, by a panic. */
export async function panicNow(): Promise<void> {
  for (const worker of workers) {
    await openHooked()
      .request(worker, Hook.WorkerPanic, {})
      .catch(() => undefined);
  }
}

/** Looks at what a source holds. */
export async function probe(source: SourceSpec): Promise<void> {
  const [worker = 0] = workers;
  const { handle } = await openHooked().request(worker, Method.WorkerProbe, { source, codecs: [] });
  await untilOpened(Bridge.open(), handle, Event.SourceProbed);
}

/** Has the workers that were made since log much. */
export async function flood(lines: number, done: string): Promise<void> {
  for (const worker of workers) {
    await openHooked()
      .request(worker, Hook.WorkerFlood, { lines, states: 0, done })
      .catch(() => undefined);
  }
}
