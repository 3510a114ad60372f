// A server and a client in networks of their own.
import type { TestContext } from 'node:test';
import { until } from '../e2e/session.js';
import { Namespace, join } from './support/namespaces.mjs';
import type { Rpc } from './support/namespaces.mjs';

export { until };
export { join };
export type { Namespace };

export type Direction = 'send' | 'recv';
type Happening = { direction: Direction; event: string; state: string };
type Stats = Record<string, unknown>;

export function openNamespace(t: TestContext, options?: { nameserver?: string }): Namespace {
  const namespace = Namespace.open(options);
  t.after(() => namespace.close());
  return namespace;
}

/** A client in a namespace that sends sound to a server in another, and receives it again. */
export class Session {
  readonly #server: Rpc;
  readonly #client: Rpc;
  readonly #events: Happening[];
  readonly #ids: Record<Direction, string>;

  private constructor(
    server: Rpc,
    client: Rpc,
    events: Happening[],
    ids: Record<Direction, string>,
  ) {
    this.#server = server;
    this.#client = client;
    this.#events = events;
    this.#ids = ids;
  }

  /**
   * `listen` are the addresses of the server; `room` goes to createRoom(), `client` to mediasoup-client's transports.
   */
  static async open({
    server,
    client,
    listen,
    room = {},
    settings = {},
  }: {
    server: Namespace;
    client: Namespace;
    listen: string[];
    room?: object;
    settings?: object;
  }): Promise<Session> {
    const events: Happening[] = [];
    const { rpc: serving } = await server.fork('./server-process.mjs', [JSON.stringify(room)]);
    const { rpc: asking } = await client.fork('./client-process.mjs', [], {
      request: (request: unknown) => serving.call('request', request),
      event: (event: Happening) => void events.push(event),
    });
    const listenInfos = listen.map((address) => ({ protocol: 'udp', ip: address }));
    const ids = await asking.call('open', { server: { listenInfos }, client: settings });
    return new Session(serving, asking, events, ids as Record<Direction, string>);
  }

  states(direction: Direction, event = 'connectionstatechange'): string[] {
    return this.#events
      .filter((one) => one.direction === direction && one.event === event)
      .map(({ state }) => state);
  }

  /** Waits until sound goes all the way. */
  async flows(): Promise<void> {
    const before = (await this.#client.call('received')) as number;
    const grows = async () => ((await this.#client.call('received')) as number) > before + 20;
    await until('packets', grows, { timeoutMs: 30_000 });
  }

  /** Restarts ICE; resolves when the connection is up by it. */
  async restart(direction: Direction): Promise<void> {
    const before = this.states(direction).length;
    await this.#client.call('restart', direction);
    const isUp = () => this.states(direction).slice(before).at(-1) === 'connected';
    await until(`${direction}: connected again`, isUp, { timeoutMs: 30_000 });
  }

  async stats(direction: Direction): Promise<Stats[]> {
    return (await this.#client.call('stats', direction)) as Stats[];
  }

  async localAddresses(direction: Direction): Promise<string[]> {
    const entries = await this.stats(direction);
    return entries
      .filter(({ type }) => type === 'local-candidate')
      .map(({ address }) => String(address));
  }

  /** The address that the client is seen at by the server. */
  async remoteIp(direction: Direction): Promise<string | undefined> {
    const seen = await this.#server.call('transport', { id: this.#ids[direction] });
    return (seen as { iceSelectedTuple?: { remoteIp?: string } }).iceSelectedTuple?.remoteIp;
  }
}
