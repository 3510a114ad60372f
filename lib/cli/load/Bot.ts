// One bot: joins, sends, receives, and keeps what it saw.
import { setTimeout as sleep } from 'node:timers/promises';
import { Device } from 'mediasoup-client';
import type { types } from 'mediasoup-client';
import type { Worker } from 'mediasoup-client-pion';
import type { LoadAdapter, LoadSession } from '../../LoadAdapter.js';
import { Messages } from './Messages.js';
import type { Settings } from './options.js';
import type { Role } from './shares.js';
import type { Sources } from './Sources.js';
import { Traffic } from './Traffic.js';

export type State = 'waiting' | 'joining' | 'joined' | 'failed' | 'lost' | 'left';

export type BotMeans = {
  settings: Settings;
  worker: Worker;
  adapter: LoadAdapter;
  sources: Sources;
  messages: Messages;
  /** Counts why something went wrong. */
  tell(what: string): void;
};

/** How often a new consumer is asked whether its first picture is there: statistics are kept for as long. */
const LOOK_EVERY_MS = 50;

export class Bot {
  readonly role: Role;
  readonly #means: BotMeans;
  readonly #leave = new AbortController();
  readonly #consumers = new Set<types.Consumer>();
  readonly #tracks: MediaStreamTrack[] = [];
  readonly traffic: Traffic;
  #taken = 0;
  #watchesPicture = false;
  #break: (reason: Error) => void = () => undefined;
  #session: LoadSession | undefined;
  #stopTalking: (() => void) | undefined;
  #ended: Promise<void> | undefined;
  state: State = 'waiting';
  refusals = 0;
  joinMs: number | undefined;
  pictureMs: number | undefined;

  constructor(role: Role, means: BotMeans) {
    this.role = role;
    this.#means = means;
    this.traffic = new Traffic(() => this.#transports, this.#consumers);
  }

  get consumers(): number {
    return this.#consumers.size;
  }

  /** Never rejects: what goes wrong is counted. */
  async start(): Promise<void> {
    if (this.state !== 'waiting') return;
    this.state = 'joining';
    const begun = performance.now();
    try {
      await this.#inTime(this.#join());
      // It may be over by now.
      if (this.#state() !== 'joining') return;
      this.joinMs = performance.now() - begun;
      this.state = 'joined';
      this.traffic.begin();
    } catch (error) {
      if (this.#state() !== 'joining') return;
      this.state = 'failed';
      this.#means.tell(`join: ${(error as Error).message}`);
      await this.#end();
    }
  }

  /** It is the end: who has not joined by now has failed. */
  isLate(): void {
    if (this.state !== 'joining') return;
    this.state = 'failed';
    this.#means.tell('join: not before the end');
  }

  /** Leaves the room; resolves once nothing of it is left. */
  async leave(): Promise<void> {
    if (this.state !== 'failed' && this.state !== 'lost') this.state = 'left';
    await this.#end();
  }

  // A method, as TypeScript takes no await for what may change it.
  #state(): State {
    return this.state;
  }

  get #transports(): types.Transport[] {
    const { sendTransport, recvTransport } = this.#session ?? {};
    return [sendTransport, recvTransport].filter((transport) => transport !== undefined);
  }

  async #join(): Promise<void> {
    const { role } = this;
    const { settings, worker, adapter } = this.#means;
    const device = new Device({ handlerFactory: worker.createHandlerFactory() });
    const session = await adapter.join({
      url: settings.url,
      index: role.index,
      name: role.name,
      room: role.room,
      device,
      produces: role.produces,
      consumes: role.consumes,
      data: role.data,
      options: settings.adapterOptions,
      signal: this.#leave.signal,
      takes: () => this.#taken < settings.consumers && ++this.#taken > 0,
      consumed: (consumer) => {
        this.#take(consumer);
      },
      dataConsumed: (dataConsumer) => {
        this.#means.messages.listen(dataConsumer);
      },
      lost: (reason) => {
        this.#lose(reason);
      },
      refused: (reason) => {
        this.refusals++;
        this.#means.tell(`refused: ${reason}`);
      },
    });
    if (this.#ended) {
      await session.close();
      return;
    }
    this.#session = session;
    for (const transport of this.#transports) {
      transport.on('connectionstatechange', (state) => {
        if (state === 'failed') this.#lose('a transport failed');
        if (state === 'closed' && !transport.closed) this.#lose('the server closed a transport');
      });
    }
    if (session.sendTransport) await this.#send(session.sendTransport, device);
  }

  async #send(transport: types.Transport, device: types.Device): Promise<void> {
    const { role } = this;
    const { sources, messages } = this.#means;
    if (role.produces) {
      for (const kind of sources.kinds) {
        const track = await sources.track(kind);
        if (this.#ended) {
          track.stop();
          return;
        }
        this.#tracks.push(track);
        await transport.produce({ track, ...sources.optionsOf(kind, role, device) });
      }
    }
    if (role.data && !this.#ended) {
      const producer = await transport.produceData({ label: 'chat' });
      this.#stopTalking = messages.talk(producer);
    }
  }

  #take(consumer: types.Consumer): void {
    if (this.#ended) return;
    this.#consumers.add(consumer);
    consumer.observer.on('close', () => this.#consumers.delete(consumer));
    if (consumer.kind !== 'video' || this.#watchesPicture) return;
    this.#watchesPicture = true;
    void this.#awaitPicture(consumer);
  }

  /** Of the first video alone, from when it was given. */
  async #awaitPicture(consumer: types.Consumer): Promise<void> {
    const begun = performance.now();
    while (!this.#ended && !consumer.closed) {
      try {
        const stats = await consumer.getStats();
        for (const entry of stats.values() as Iterable<Record<string, unknown>>) {
          if (entry['type'] !== 'inbound-rtp' || !entry['framesReceived']) continue;
          this.pictureMs = performance.now() - begun;
          return;
        }
      } catch {
        // It was closed meanwhile.
        return;
      }
      await sleep(LOOK_EVERY_MS);
    }
  }

  #lose(reason: string): void {
    // Who is still joining has failed, by the same reason.
    if (this.state === 'joining') this.#break(new Error(reason));
    if (this.state !== 'joined') return;
    this.state = 'lost';
    this.#means.tell(`lost: ${reason}`);
    void this.#end();
  }

  /** Neither the server nor an adapter may keep a bot for ever. */
  async #inTime(work: Promise<void>): Promise<void> {
    const { joinTimeout } = this.#means.settings;
    let timer: NodeJS.Timeout | undefined;
    const broken = new Promise<never>((_resolve, reject) => {
      this.#break = reject;
      timer = setTimeout(() => {
        reject(new Error(`not within ${joinTimeout} s`));
      }, joinTimeout * 1000);
    });
    // What comes of it after that is cleared away by who began it.
    work.catch(() => undefined);
    try {
      await Promise.race([work, broken]);
    } finally {
      clearTimeout(timer);
    }
  }

  #end(): Promise<void> {
    this.#ended ??= this.#close();
    return this.#ended;
  }

  async #close(): Promise<void> {
    this.traffic.end();
    this.#stopTalking?.();
    this.#break(new Error('the bot leaves'));
    this.#leave.abort(new Error('the bot leaves'));
    try {
      await this.#session?.close();
    } catch (error) {
      this.#means.tell(`leave: ${(error as Error).message}`);
    }
    for (const transport of this.#transports) transport.close();
    for (const track of this.#tracks) track.stop();
  }
}
