import type { types } from 'mediasoup-client';

/** What an adapter of `mediasoup-client-pion load` is given: a bot that is to join. */
export type LoadBot = {
  /** The server's URL, as the command was given it. */
  readonly url: string;
  /** The number of the bot among all bots of all machines, from 0. */
  readonly index: number;
  /** A name that no other bot has. */
  readonly name: string;
  /** The name of the room that it is to join. */
  readonly room: string;
  /** A Device of its own, not loaded yet. */
  readonly device: types.Device;
  /** Whether it will send media, and so needs a transport for it. */
  readonly produces: boolean;
  /** Whether it receives media of others. */
  readonly consumes: boolean;
  /** Whether it sends, and receives, messages of data channels. */
  readonly data: boolean;
  /** What `--adapter-option NAME=VALUE` gave, by name. */
  readonly options: Readonly<Record<string, string>>;
  /** Aborts when the bot leaves, be it before it has joined. */
  readonly signal: AbortSignal;
  /** Whether it wants one more Consumer: ask before making each. `true` counts it. */
  takes(kind: types.MediaKind): boolean;
  /** Gives the bot a Consumer, once the server was asked to resume it. */
  consumed(consumer: types.Consumer): void;
  /** Gives the bot a DataConsumer. */
  dataConsumed(dataConsumer: types.DataConsumer): void;
  /** Tells that the server ended the bot's session, and why. */
  lost(reason: string): void;
  /** Tells of a request that the server refused while the bot goes on without what it asked for. */
  refused(reason: string): void;
};

/** A bot that has joined: what its adapter's `join()` resolves to. */
export type LoadSession = {
  /** The transport on which the bot produces, listening to `connect`, `produce` and `producedata`. */
  sendTransport?: types.Transport | undefined;
  /** The transport of its Consumers. */
  recvTransport?: types.Transport | undefined;
  /** Leaves the room: closes the transports and whatever connects the bot to the server. Called once. */
  close(): void | Promise<void>;
};

/**
 * How bots of `mediasoup-client-pion load` join the rooms of a server: the default export of the module that `--adapter`
 * names. It does what the client of the app does, up to the point where it would produce.
 */
export type LoadAdapter = {
  /** Lets one bot join. What it throws or rejects with is counted as the reason why it did not. */
  join(bot: LoadBot): Promise<LoadSession>;
};
