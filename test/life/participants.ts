// Participants in threads of this process, who take part in a room of it.
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import type { WorkerMetrics } from 'mediasoup-client-pion';
import { fixturePath } from '../../scripts/lib/fixtures.mjs';
import type { Room } from '../e2e/support/room.mjs';
import { Rpc } from '../network/support/rpc.mjs';
import { channelOf } from './support/channel.mjs';

export const clip: string = fixturePath('red-440hz.mp4');

/** All of it, as each night; npm test has a share. */
export const isLong = process.env['LIFE'] === 'long';

/** A thread that has not loaded the package yet. */
export class Participant {
  readonly thread: Worker;
  readonly #rpc: Rpc;
  readonly #transports = new Set<string>();
  readonly #room: Room;
  readonly #waiting = new Map<string, () => void>();
  readonly #exited: Promise<number>;

  private constructor(room: Room, recording: string) {
    this.#room = room;
    this.thread = new Worker(new URL('./support/thread.mjs', import.meta.url), {
      workerData: { clip, recording },
    });
    this.#exited = once(this.thread, 'exit').then(([code]) => code as number);
    this.#rpc = new Rpc(channelOf(this.thread), {
      request: ({ method, data }: { method: string; data?: object }) => this.#answer(method, data),
      step: (name: string) => {
        this.#waiting.get(name)?.();
      },
    });
  }

  static async start(room: Room, recording: string): Promise<Participant> {
    const participant = new Participant(room, recording);
    await once(participant.thread, 'message');
    return participant;
  }

  /** Resolves when everything flows. */
  async live(): Promise<void> {
    await this.#rpc.call('live');
  }

  /** Resolves when a step is reached; the rest of the way it goes on. */
  async reach(step: string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#waiting.set(step, resolve);
      // It ends without an answer where the thread does.
      this.#rpc.call('live').catch(reject);
    });
  }

  async flows(): Promise<void> {
    await this.#rpc.call('flows');
  }

  /** Resolves with its exit code once it has ended by itself. */
  async close(): Promise<number> {
    await this.#rpc.call('close');
    return await this.#exited;
  }

  /** What Go has in the process. */
  async metrics(): Promise<WorkerMetrics['process']> {
    return (await this.#rpc.call('metrics')) as WorkerMetrics['process'];
  }

  async terminate(): Promise<void> {
    await this.thread.terminate();
    // Nobody tells the server of it.
    for (const id of this.#transports) this.#room.server.transports.get(id)?.close();
  }

  async #answer(method: string, data?: object): Promise<unknown> {
    const answer = JSON.parse(
      JSON.stringify(await this.#room.server.request(method, data)),
    ) as Record<string, unknown>;
    if (method === 'createTransport') this.#transports.add(String(answer['id']));
    return answer;
  }
}

/** What the process holds, Go's and the system's. */
export type Held = { goroutines: number; goThreads: number; threads: number; files: number };

export async function heldBy(witness: Participant): Promise<Held> {
  const { goroutines, threads: goThreads } = await witness.metrics();
  const count = (folder: string) => readdirSync(folder).length;
  return {
    ...{ goroutines, goThreads },
    ...{ threads: count('/proc/self/task'), files: count('/proc/self/fd') },
  };
}
