// Where a life takes place, and what ends with it.
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Device } from 'mediasoup-client';
import type { types } from 'mediasoup-client';
import { createWorker } from '../../../lib/index.js';
import type { Worker } from '../../../lib/index.js';
import { Peer } from '../../e2e/support/peer.mjs';
import type { Request } from '../../e2e/support/peer.mjs';
import type { Room } from '../../e2e/support/room.mjs';
import { until } from '../../e2e/session.js';

export type Consumer = types.Consumer;

const NUDGE_MS = 2000;

export class Stage {
  readonly room: Room;
  readonly folder: string;
  readonly #ends: (() => unknown)[] = [];
  readonly #nudges: (() => unknown)[] = [];
  readonly #workers: { worker: Worker; ended: Promise<unknown> }[] = [];
  #files = 0;
  #isOver = false;
  /** What is to panic. */
  readonly place: string;
  died = false;

  constructor(room: Room, folder: string, place = '') {
    this.room = room;
    this.folder = folder;
    this.place = place;
  }

  readonly request: Request = async (method, data) =>
    JSON.parse(JSON.stringify(await this.room.server.request(method, data))) as never;

  /** A worker that logs all there is, and closes with the life. */
  async open(): Promise<Worker> {
    const worker = await createWorker({ logLevel: 'debug' });
    worker.once('died', () => (this.died = true));
    this.#workers.push({ worker, ended: once(worker as never, 'subprocessclose') });
    return worker;
  }

  async join(worker: Worker): Promise<Peer> {
    const device = await Device.factory({ handlerFactory: worker.createHandlerFactory() });
    const peer = await Peer.join({ device, request: this.request });
    this.atTheEnd(() => {
      peer.close();
    });
    return peer;
  }

  /** The name of a new file. */
  file(ending: string): string {
    return path.join(fs.mkdtempSync(path.join(this.folder, `${this.#files++}-`)), `f.${ending}`);
  }

  /** What is done first in the end, in the opposite order, whatever was reached and whatever fails. */
  atTheEnd(end: () => unknown): void {
    // A life whose Worker died goes on until it fails.
    if (this.#isOver) end();
    else this.#ends.push(end);
  }

  /** What is done again and again, until the place is entered. It may fail. */
  again(nudge: () => unknown): void {
    this.#nudges.push(nudge);
  }

  async nudge(): Promise<void> {
    for (const nudge of this.#nudges) {
      if (this.died) return;
      // What it waits for may have gone with what panicked.
      await Promise.race([
        Promise.resolve()
          .then(nudge)
          .catch(() => undefined),
        sleep(NUDGE_MS, undefined, { ref: false }),
      ]);
    }
  }

  /** Closes everything, as an app does; resolves once it has closed. */
  async end({ isAbrupt = false } = {}): Promise<void> {
    if (isAbrupt) await this.#closeWorkers();
    this.#isOver = true;
    for (const end of this.#ends.reverse()) {
      await Promise.resolve()
        .then(end)
        .catch(() => undefined);
    }
    await this.#closeWorkers();
  }

  async #closeWorkers(): Promise<void> {
    for (const { worker, ended } of this.#workers) {
      worker.close();
      let isOver = false;
      void ended.then(() => (isOver = true));
      await until('a Worker has closed', () => isOver, { timeoutMs: 120_000 });
    }
  }
}
