import { Bridge } from '../bridge.js';
import { TimeoutError } from '../errors.js';
import { untilOpened } from '../opening.js';
import { Event, Method } from '../wire.js';
import type {
  Build,
  Codec,
  DeviceInfo,
  MethodName,
  Params,
  Probe,
  Result,
  SourceSpec,
} from '../wire.js';

/** How long the core may take for what does not wait for a network. */
const LIMIT_MS = 20_000;

/** An ICE candidate (RFC 8445) that would be offered, without relays and reflexive ones. */
export type Candidate = { address: string; protocol: string; type: string };

/**
 * The core without mediasoup-client, so that the command line tells what is wrong where that is
 * missing too.
 */
export class CoreSession {
  readonly #bridge: Bridge;
  readonly #worker: Promise<number>;

  /** @throws OperationError if the native library cannot be loaded. */
  constructor() {
    this.#bridge = Bridge.open();
    this.#worker = this.#open();
    this.#worker.catch(() => undefined);
  }

  build(): Promise<Build> {
    return within('EnvironmentBuild', this.#bridge.request(0, Method.EnvironmentBuild, {}));
  }

  /** What can be sent or received, without retransmission formats. */
  async codecs(direction: 'sendonly' | 'recvonly'): Promise<Codec[]> {
    const { codecs } = await this.#onWorker(Method.WorkerCapabilities, { direction });
    return codecs.map(({ codec }) => codec).filter(({ mimeType }) => !/\/rtx$/i.test(mimeType));
  }

  /** Tells what a source holds, and how it would be sent in each of `codecs`. */
  async probe(source: SourceSpec, codecs: Codec[]): Promise<Probe> {
    const worker = await this.#worker;
    const { handle } = await this.#bridge.request(worker, Method.WorkerProbe, { source, codecs });
    return await untilOpened(this.#bridge, handle, Event.SourceProbed);
  }

  async devices(): Promise<DeviceInfo[]> {
    const opened = this.#bridge.request(0, Method.EnvironmentDevices, { watch: false });
    const { handle } = await within('EnvironmentDevices', opened);
    this.#bridge.listen(handle, {});
    const { devices } = await within(
      'DevicesList',
      this.#bridge.request(handle, Method.DevicesList, {}),
    );
    await this.#bridge.request(handle, Method.DevicesClose, {});
    return devices;
  }

  /** Gathers the host candidates of a connection that is closed again. */
  async candidates(): Promise<Candidate[]> {
    const { handle } = await this.#onWorker(Method.WorkerCreatePeer, {
      iceServers: [],
      iceTransportPolicy: 'all',
      loopback: false,
    });
    const gathered = new Promise<void>((resolve) => {
      this.#bridge.listen(handle, {
        event: (...[event, body]) => {
          if (event === Event.PeerIceGatheringState && body.state === 'complete') resolve();
        },
        closed: resolve,
      });
    });
    const request = <M extends MethodName>(method: M, params: Params<M>): Promise<Result<M>> =>
      within(method, this.#bridge.request(handle, method, params));
    try {
      // A server that is nowhere: nothing is contacted.
      await request(Method.PeerConnect, {
        iceParameters: {
          usernameFragment: 'doctor',
          password: 'of-nobody-whom-it-would-talk-to',
          iceLite: true,
        },
        iceCandidates: [],
        fingerprints: [{ algorithm: 'sha-256', value: Array(32).fill('00').join(':') }],
        role: 'server',
      });
      await within('gathering of candidates', gathered);
      const { entries } = await request(Method.PeerGetStats, {});
      return entries
        .filter(({ type }) => type === 'local-candidate')
        .map(({ address, protocol, candidateType }) => ({
          address: String(address),
          protocol: String(protocol),
          type: String(candidateType),
        }));
    } finally {
      await request(Method.PeerClose, {});
    }
  }

  async close(): Promise<void> {
    await this.#onWorker(Method.WorkerClose, {});
  }

  async #open(): Promise<number> {
    const { handle } = await this.#bridge.request(0, Method.WorkerCreate, { logLevel: 'none' });
    this.#bridge.listen(handle, {});
    return handle;
  }

  async #onWorker<M extends MethodName>(method: M, params: Params<M>): Promise<Result<M>> {
    const worker = await within('WorkerCreate', this.#worker);
    return await within(method, this.#bridge.request(worker, method, params));
  }
}

async function within<T>(what: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new TimeoutError(`${what}: the core did not answer within ${LIMIT_MS / 1000} s`));
    }, LIMIT_MS);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
