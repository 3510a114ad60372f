// What all bots of a soak share: the server, the model of what can be received, and what happened so far.
import { open } from './action.js';
import type { Bot, Sent, SentData } from './bot.js';
import type { Server } from './server.js';

/** So many of the last actions are told of a run that failed. */
const KEPT = 200;

export class World {
  readonly server: Server;
  /** Where recordings go. */
  readonly folder: string;
  readonly bots: Bot[] = [];
  readonly actions = new Map<string, number>();
  readonly errors = new Map<string, number>();
  readonly last: string[] = [];
  /** What is wrong, told outside of an action. */
  readonly faults: Error[] = [];

  constructor(server: Server, folder: string) {
    this.server = server;
    this.folder = folder;
  }

  get sent(): Sent[] {
    return this.bots.flatMap(({ sent }) => open(sent));
  }

  get sentData(): SentData[] {
    return this.bots.flatMap(({ sentData }) => open(sentData));
  }

  act(who: string, what: string): void {
    this.actions.set(what, (this.actions.get(what) ?? 0) + 1);
    this.note(`${who}: ${what}`);
  }

  /** An error that had to be expected. */
  met(kind: string): void {
    this.errors.set(kind, (this.errors.get(kind) ?? 0) + 1);
    this.note(`met ${kind}`);
  }

  fail(what: string): void {
    this.faults.push(new Error(what));
  }

  note(what: string): void {
    this.last.push(`${(performance.now() / 1000).toFixed(1)} s  ${what}`);
    if (this.last.length > KEPT) this.last.shift();
  }
}
