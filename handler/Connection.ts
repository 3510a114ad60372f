import type {
  DtlsParameters,
  DtlsRole,
  HandlerOptions,
  IceParameters,
} from '../lib/mediasoupClient.js';
import type { Peer } from '../lib/Peer.js';
import { SerialQueue } from '../lib/SerialQueue.js';
import type { Remote } from '../lib/wire.js';

/** Tells the app's server our DTLS parameters. */
type Connect = (dtlsParameters: DtlsParameters) => Promise<void>;

/** The connection to the server: ICE, DTLS and SCTP. What is sent over it is not its matter. */
export class Connection {
  readonly #peer: Peer;
  readonly #options: HandlerOptions;
  readonly #connect: Connect;
  readonly #localRole: DtlsRole;
  readonly #queue = new SerialQueue();
  #iceParameters: IceParameters;
  #isAnnounced = false;
  #isBegun = false;
  #hasChannels = false;

  constructor(peer: Peer, options: HandlerOptions, connect: Connect) {
    this.#peer = peer;
    this.#options = options;
    this.#connect = connect;
    this.#iceParameters = options.iceParameters;
    // The opposite of the server's role, if that is settled.
    this.#localRole = options.dtlsParameters.role === 'client' ? 'server' : 'client';
  }

  /** Runs tasks that change what is sent and received one after the other. */
  run<T>(task: () => Promise<T>): Promise<T> {
    return this.#queue.run(task);
  }

  /** Rejects what has not settled with `reason`, and what comes later. */
  stop(reason: Error): void {
    this.#queue.stop(reason);
  }

  /** Tells the server who connects, if it does not know. If it refuses, it is told again next time. */
  async announce(): Promise<void> {
    if (this.#isAnnounced) return;
    const fingerprints = await this.#peer.fingerprints();
    await this.#connect({
      role: this.#localRole,
      fingerprints: fingerprints as DtlsParameters['fingerprints'],
    });
    this.#isAnnounced = true;
  }

  /** Connects, with SCTP once there is a data channel; what is in force is left alone. */
  async begin({ withChannels = false } = {}): Promise<void> {
    if (this.#isBegun && (this.#hasChannels || !withChannels)) return;
    await this.#peer.connect(this.#remote());
    this.#isBegun = true;
    this.#hasChannels ||= withChannels;
  }

  /** Begins ICE anew with the credentials that the server has from now on. */
  async restartIce(iceParameters: IceParameters): Promise<void> {
    this.#iceParameters = iceParameters;
    // Where nothing has begun, it begins with them.
    if (this.#isBegun) await this.#peer.restartIce(iceParametersOf(iceParameters));
  }

  #remote(): Remote {
    const { iceCandidates, dtlsParameters, sctpParameters } = this.#options;
    return {
      iceParameters: iceParametersOf(this.#iceParameters),
      iceCandidates: iceCandidates.map((one) => ({
        foundation: one.foundation,
        priority: one.priority,
        // Servers before mediasoup 3.13 have only the deprecated name.
        // eslint-disable-next-line @typescript-eslint/no-deprecated, @typescript-eslint/no-unnecessary-condition
        address: one.address ?? one.ip,
        protocol: one.protocol,
        port: one.port,
        type: one.type,
        ...(one.tcpType ? { tcpType: one.tcpType } : {}),
      })),
      fingerprints: dtlsParameters.fingerprints.map(({ algorithm, value }) => ({
        algorithm,
        value,
      })),
      role: this.#localRole === 'client' ? 'server' : 'client',
      ...(sctpParameters
        ? {
            sctp: {
              port: sctpParameters.port,
              maxMessageSize: sctpParameters.maxReceiveMessageSize,
            },
          }
        : {}),
    };
  }
}

function iceParametersOf({
  usernameFragment,
  password,
  iceLite,
}: IceParameters): Remote['iceParameters'] {
  return { usernameFragment, password, iceLite: Boolean(iceLite) };
}
