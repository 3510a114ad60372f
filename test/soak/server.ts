// The soak's server as its clients know it.
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { types } from 'mediasoup-client';
import { Rpc } from '../network/support/rpc.mjs';
import type { Conditions, Relay } from '../e2e/support/relay.mjs';
import { until } from '../e2e/session.js';

const script = fileURLToPath(new URL('server-process.mjs', import.meta.url));

export class Server {
  readonly #child: ChildProcess;
  readonly #rpc: Rpc;
  readonly #filesPort: number;
  readonly #gone = new Map<string, () => void>();
  /** What nobody waited for yet. */
  readonly #goneBefore = new Set<string>();

  /** How often it was killed, and whether the network loses or stalls: what errors and silence are expected of. */
  deaths = 0;
  alive = false;
  disturbed = false;

  private constructor(child: ChildProcess, filesPort: number) {
    this.#child = child;
    this.#filesPort = filesPort;
    this.#rpc = new Rpc(child, {
      gone: ({ id }: { id: string }) => {
        const callback = this.#gone.get(id);
        if (callback) callback();
        else this.#goneBefore.add(id);
      },
    });
  }

  static async start(): Promise<Server> {
    const child = fork(script, [], {
      execArgv: [],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const [{ ready }] = (await once(child, 'message')) as [{ ready: number }];
    return new Server(child, ready);
  }

  /** A room on a new worker. */
  async open(seed: number): Promise<void> {
    await this.#rpc.call('open', { seed });
    this.#goneBefore.clear();
    this.alive = true;
    this.disturbed = false;
  }

  async kill(): Promise<void> {
    this.alive = false;
    this.deaths++;
    await this.#rpc.call('kill', {});
  }

  readonly request = async (method: string, data: object = {}): Promise<never> =>
    (await this.#rpc.call('request', { method, data })) as never;

  async prefer(consumerId: string, layers: object): Promise<void> {
    await this.#rpc.call('prefer', { consumerId, layers });
  }

  async setConditions(up: Conditions, down: Conditions): Promise<void> {
    this.disturbed = Object.keys(up).length + Object.keys(down).length > 0;
    await this.#rpc.call('conditions', { up, down });
  }

  /** The network in between, of which clients need the way to it alone. */
  get relay(): Relay {
    return {
      route: async (candidates: types.IceCandidate[]) =>
        (await this.#rpc.call('route', candidates)) as types.IceCandidate[],
    } as unknown as Relay;
  }

  url(file: string): string {
    return `http://127.0.0.1:${this.#filesPort}/${file}`;
  }

  /** Calls back when the server has closed a consumer, because what it consumes is closed. */
  onGone(id: string, callback: () => void): () => void {
    this.#gone.set(id, callback);
    if (this.#goneBefore.delete(id)) queueMicrotask(callback);
    return () => this.#gone.delete(id);
  }

  /** How many are still waited for; none once all are closed. */
  get watched(): number {
    return this.#gone.size;
  }

  async close(): Promise<void> {
    this.#child.disconnect();
    await until('the end of the server', () => this.#child.exitCode !== null);
  }
}
