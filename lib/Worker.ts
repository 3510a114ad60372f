import { setImmediate } from 'node:timers/promises';
import { EnhancedEventEmitter } from './mediasoupClient.js';
import type { HandlerFactory } from './mediasoupClient.js';
import { createHandlerFactory } from '../handler/factory.js';
import type { FactoryOptions } from '../handler/factory.js';
import type { AiortcMediaStream } from './AiortcMediaStream.js';
import { parseStreamConstraints } from './constraints.js';
import type { AiortcMediaStreamConstraints } from './constraints.js';
import { ArgumentError, InvalidStateError, describe } from './errors.js';
import { Logger } from './Logger.js';
import { chooseNativePath } from './nativeFiles.js';
import { ofThisThread } from './ofThisThread.js';
import { warnOfUnknownMembers } from './unknownMembers.js';
import { openUserMedia } from './userMedia.js';
import { WorkerCore } from './WorkerCore.js';
import type { WorkerLogLevel } from './WorkerCore.js';
import type { WorkerMetrics } from './WorkerMetrics.js';
import type { WorkerLease, WorkerProvider } from './WorkerProvider.js';

/** Settings of a {@link Worker}. */
export type WorkerSettings = {
  /** How much the core logs, through the `debug` package. Default `'error'`. */
  logLevel?: WorkerLogLevel;
  /**
   * Whether URLs that its sources open, and all that those lead to, may be at public addresses only:
   * for apps that open what their users name. Default `false`. It is the option `public_only` of each.
   * A track whose `data` names a URL, and that is read or recorded before this Worker has opened it, is
   * not opened by this Worker, but without: give it `options: { public_only: true }` in its `data`.
   */
  publicOnly?: boolean;
  /**
   * The folder of the native code: that of the package of the platform, such as `mediasoup-client-pion-linux-x64`, wherever it
   * was put. For bundles and executables, which have no `node_modules` beside them. Default: the environment variable
   * `MEDIASOUP_CLIENT_PION_NATIVE_PATH`, else where npm has installed it. It holds for the whole thread, so it has to be named
   * before anything else is opened.
   */
  nativePath?: string;
};

/** The events of a {@link Worker}. */
export type WorkerEvents = {
  /** A fault in the core ended the Worker. The process lives on. */
  died: [Error];
  /** Everything that belonged to the Worker is closed, after `close()` or `died`. */
  subprocessclose: [];
  /** It is open: what `createWorker()` waits for. */
  '@success': [];
  /** It could not be opened, and is closed. */
  '@failure': [Error];
};

/** What `worker.dump()` tells. */
export type WorkerDump = {
  /** The pid of this process. */
  pid: number;
  /** The open sources. */
  players: PlayerDump[];
  /** The open transports. */
  handlers: HandlerDump[];
};

/** An open source in a {@link WorkerDump}. */
export type PlayerDump = {
  /** The `playerId` in the `data` of its tracks. */
  id: string;
  /** Missing where no track of it is of sound. */
  audioTrack?: TrackDump;
  /** Missing where no track of it is of pictures. */
  videoTrack?: TrackDump;
};

/** A track in a {@link WorkerDump}. */
export type TrackDump = {
  /** The `id` of the track. Of several of a source, that of the oldest that is live, else of the last. */
  id: string;
  /** `audio` or `video`. */
  kind: string;
  /** `live` or `ended`. */
  readyState: string;
};

/** A transport in a {@link WorkerDump}; the states are those of W3C's RTCPeerConnection. */
export type HandlerDump = {
  /** A UUID. */
  id: string;
  /** W3C's RTCSignalingState. */
  signalingState: string;
  /** W3C's RTCIceConnectionState. */
  iceConnectionState: string;
  /** W3C's RTCIceGatheringState. */
  iceGatheringState: string;
  /** W3C's RTCPeerConnectionState. */
  connectionState: string;
  /** What is sent and received, in the order in which it began. */
  transceivers: TransceiverDump[];
  /** What is sent, and the last of what was. */
  sendTransceivers: SendTransceiverDump[];
  /** The open data channels. */
  dataChannels: DataChannelDump[];
};

/** What is sent or received of one track, in a {@link HandlerDump}. */
export type TransceiverDump = {
  /** Its mid (RFC 9143). */
  mid: string;
  /** `audio` or `video`. */
  kind: string;
  /** W3C's RTCRtpTransceiverDirection. */
  direction: string;
  /** What mediasoup-client calls it; missing where nothing is sent or received. */
  localId?: string;
  /** W3C's RTCRtpTransceiver.stopped: never. What has ended is inactive. */
  stopped: boolean;
  /** The track that is sent: null where none is. */
  sender: {
    /** Its id, as the app knows it. */
    trackId: string | null;
  };
  /** The track that is received: null where none is. */
  receiver: {
    /** Its id, as the app knows it. */
    trackId: string | null;
  };
};

/** What is sent of one track, in a {@link HandlerDump}. */
export type SendTransceiverDump = {
  /** Its mid (RFC 9143). */
  mid: string;
  /** The id of the track that `produce()` was given. */
  localId: string;
};

/** A data channel in a {@link HandlerDump}. */
export type DataChannelDump = {
  /** The SCTP stream id (RFC 8831). */
  id: number;
  /** As `produceData()` was given it. */
  label: string;
  /** W3C's RTCDataChannelState. */
  readyState: string;
};

const logger = new Logger('Worker');

/**
 * Sources and transports that live and end together, in this process. It keeps the process
 * alive until it is closed.
 */
export class Worker extends EnhancedEventEmitter<WorkerEvents> {
  readonly #core: WorkerCore;
  readonly #provider: WorkerProvider;
  #closed = false;
  #died = false;
  #subprocessClosed = false;

  /**
   * Prefer `createWorker()`, which also waits until the Worker is open.
   *
   * @throws TypeError if a setting is wrong.
   */
  constructor(settings: WorkerSettings = {}) {
    super();
    const { logLevel, publicOnly } = parseSettings(settings);
    ofThisThread(this);
    logger.debug('constructor() [logLevel:%s]', logLevel);
    const core = new WorkerCore(logLevel, { keepAlive: true, publicOnly });
    this.#core = core;
    this.#provider = {
      acquire: (): WorkerLease => {
        this.#assertOpen();
        return { core, release: () => undefined };
      },
    };
    core.on('opened', (failure) => {
      if (failure) this.safeEmit('@failure', failure);
      else if (!this.#closed) this.safeEmit('@success');
    });
    core.on('end', (reason) => {
      this.#closed = true;
      if (!reason) return;
      this.#died = true;
      this.safeEmit('died', reason);
    });
    core.on('closed', () => {
      this.#subprocessClosed = true;
      this.safeEmit('subprocessclose');
      super.close();
    });
  }

  /** The pid of this process: there is no other. */
  get pid(): number {
    return process.pid;
  }

  /** Whether the Worker was closed, or died. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Whether a fault in the core ended the Worker. */
  get died(): boolean {
    return this.#died;
  }

  /** Whether everything that belonged to the Worker is closed. */
  get subprocessClosed(): boolean {
    return this.#subprocessClosed;
  }

  /** Closes the Worker, its transports and its tracks. `subprocessclose` fires when it is done. */
  override close(): void {
    if (this.#closed) return;
    logger.debug('close()');
    this.#core.close();
  }

  /**
   * Tells what the Worker holds.
   *
   * @throws InvalidStateError if the Worker is closed.
   */
  async dump(): Promise<WorkerDump> {
    logger.debug('dump()');
    this.#assertOpen();
    // mediasoup-client hands on in microtasks what the app did before: that goes first.
    await setImmediate();
    this.#assertOpen();
    return await this.#core.dump();
  }

  /**
   * Tells in numbers what the Worker, its thread and the process have, and did. It costs little: once a second is fine.
   *
   * @throws InvalidStateError if the Worker is closed.
   */
  async getMetrics(): Promise<WorkerMetrics> {
    logger.debug('getMetrics()');
    this.#assertOpen();
    return await this.#core.getMetrics();
  }

  /**
   * Opens the sources that the constraints name.
   *
   * @throws TypeError if a constraint is wrong, with its name.
   * @throws UnsupportedError for a source or a constraint that this version does not have.
   * @throws NotFoundError if a file does not exist.
   * @throws NotSupportedError if a file cannot be decoded, or lacks a track that is wanted.
   * @throws InvalidStateError if the Worker is closed.
   */
  async getUserMedia(constraints: AiortcMediaStreamConstraints): Promise<AiortcMediaStream> {
    logger.debug('getUserMedia()');
    this.#assertOpen();
    return await openUserMedia(this.#provider, parseStreamConstraints(constraints));
  }

  /**
   * Makes a handler factory for `new Device({ handlerFactory })` of mediasoup-client. Each
   * transport made by it has a connection of its own.
   *
   * @param options - `forcedRtpExtensions`, as `new Device()` takes them for browsers.
   * @throws InvalidStateError if the Worker is closed, TypeError if an option is wrong.
   */
  createHandlerFactory(options: FactoryOptions = {}): HandlerFactory {
    logger.debug('createHandlerFactory()');
    this.#assertOpen();
    return createHandlerFactory(this.#provider, options);
  }

  /** @internal Resolves when the Worker is open, or rejects with why it is not. */
  async opened(): Promise<void> {
    await this.#core.opened();
  }

  #assertOpen(): void {
    if (this.#died) throw new InvalidStateError('the Worker died', { code: 'ERR_DIED' });
    if (this.#closed) throw new InvalidStateError('the Worker is closed', { code: 'ERR_CLOSED' });
  }
}

function parseSettings(settings: unknown): Required<Omit<WorkerSettings, 'nativePath'>> {
  if (typeof settings !== 'object' || settings === null || Array.isArray(settings)) {
    throw new ArgumentError(`settings: expected an object, got ${describe(settings)}`);
  }
  warnOfUnknownMembers(logger, 'settings', settings, ['logLevel', 'publicOnly', 'nativePath']);
  const {
    logLevel = 'error',
    publicOnly = false,
    nativePath,
  } = settings as Record<string, unknown>;
  assertLogLevel(logLevel);
  if (typeof publicOnly !== 'boolean') {
    throw new ArgumentError(`publicOnly: expected a boolean, got ${describe(publicOnly)}`);
  }
  if (nativePath !== undefined) chooseNativePath(nativePath);
  return { logLevel, publicOnly };
}

/** @throws TypeError if `logLevel` is none. */
export function assertLogLevel(logLevel: unknown): asserts logLevel is WorkerLogLevel {
  switch (logLevel) {
    case 'debug':
    case 'warn':
    case 'error':
    case 'none':
      return;
    default:
      throw new ArgumentError(
        `logLevel: expected "debug", "warn", "error" or "none", got ${describe(logLevel)}`,
      );
  }
}
