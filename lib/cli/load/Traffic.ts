// What the transports of a bot carry, by their own statistics: read now and then, as each reading costs.
import type { types } from 'mediasoup-client';

type Entry = Record<string, unknown>;
type Stream = { packets: number; lost: number; frames: number | undefined; frozen: boolean };

/** The mid of the stream by which mediasoup probes the network. */
const PROBATOR = 'probator';

const of = (entry: Entry, name: string): number => Number(entry[name] ?? 0);

export class Traffic {
  readonly #transports: () => types.Transport[];
  readonly #consumers: ReadonlySet<types.Consumer>;
  /** By transport and entry, as of the last reading: what is closed keeps what it had. */
  readonly #received = new Map<string, Stream>();
  readonly #sent = new Map<string, { packets: number; lost: number }>();
  readonly #bytes = new Map<string, { sent: number; received: number }>();
  readonly #roundTrips = new Map<string, { total: number; count: number }>();
  #begun: { at: number; sent: number; received: number } | undefined;
  #endedAt: number | undefined;
  #readAt: number | undefined;
  #videoMinutes = 0;
  #freezes = 0;

  constructor(transports: () => types.Transport[], consumers: ReadonlySet<types.Consumer>) {
    this.#transports = transports;
    this.#consumers = consumers;
  }

  /** From now on rates are counted. */
  begin(): void {
    this.#begun = { at: performance.now(), ...this.#total() };
  }

  end(): void {
    this.#endedAt ??= performance.now();
  }

  async read(): Promise<void> {
    const now = performance.now();
    const sinceMs = this.#readAt === undefined ? 0 : now - this.#readAt;
    this.#readAt = now;
    for (const transport of this.#transports()) {
      if (transport.closed) continue;
      try {
        const report = (await transport.getStats()) as unknown as Map<string, Entry>;
        for (const entry of report.values()) this.#take(transport.id, entry, sinceMs);
      } catch (error) {
        if (!(transport.closed as boolean)) throw error;
      }
    }
  }

  /** In percent; undefined where nothing was received. */
  get loss(): number | undefined {
    return lossOf(this.#received.values());
  }

  get sentLoss(): number | undefined {
    return lossOf(this.#sent.values());
  }

  /** In ms. */
  get roundTrip(): number | undefined {
    let [total, count] = [0, 0];
    for (const each of this.#roundTrips.values()) {
      total += each.total;
      count += each.count;
    }
    return count > 0 ? (total * 1000) / count : undefined;
  }

  /** A minute; undefined where there was no video. */
  get freezes(): number | undefined {
    return this.#videoMinutes > 0 ? this.#freezes / this.#videoMinutes : undefined;
  }

  /** In kbit/s since it began. */
  get rates(): { sent: number; received: number } | undefined {
    if (!this.#begun) return undefined;
    const ms = (this.#readAt ?? this.#endedAt ?? performance.now()) - this.#begun.at;
    if (ms < 500) return undefined;
    const { sent, received } = this.#total();
    return {
      sent: ((sent - this.#begun.sent) * 8) / ms,
      received: ((received - this.#begun.received) * 8) / ms,
    };
  }

  #take(transportId: string, entry: Entry, sinceMs: number): void {
    const key = `${transportId} ${String(entry['id'])}`;
    switch (entry['type']) {
      case 'inbound-rtp':
        // What probes the network is no media: its numbers begin anew with each probe, which looks like loss.
        if (entry['mid'] !== PROBATOR) this.#receive(key, entry, sinceMs);
        break;
      case 'outbound-rtp': {
        const remote = `${transportId} ${String(entry['remoteId'])}`;
        const lost = this.#sent.get(remote)?.lost ?? 0;
        if (entry['remoteId']) this.#sent.set(remote, { packets: of(entry, 'packetsSent'), lost });
        break;
      }
      case 'remote-inbound-rtp': {
        const packets = this.#sent.get(key)?.packets ?? 0;
        this.#sent.set(key, { packets, lost: of(entry, 'packetsLost') });
        break;
      }
      case 'transport': {
        const [sent, received] = [of(entry, 'bytesSent'), of(entry, 'bytesReceived')];
        this.#bytes.set(transportId, { sent, received });
        break;
      }
      case 'candidate-pair': {
        const [total, count] = [of(entry, 'totalRoundTripTime'), of(entry, 'responsesReceived')];
        if (entry['nominated']) this.#roundTrips.set(transportId, { total, count });
        break;
      }
      default:
    }
  }

  #receive(key: string, entry: Entry, sinceMs: number): void {
    const before = this.#received.get(key);
    const frames = entry['kind'] === 'video' ? of(entry, 'framesReceived') : undefined;
    let frozen = false;
    if (frames !== undefined && before?.frames !== undefined && before.frames > 0) {
      this.#videoMinutes += sinceMs / 60_000;
      // A whole second without a frame: by the core's own count, or between two readings.
      const isStill = frames === before.frames && sinceMs >= 1000;
      frozen = this.#isWatched(entry) && (isStill || entry['framesPerSecond'] === 0);
      if (frozen && !before.frozen) this.#freezes++;
    }
    this.#received.set(key, {
      packets: of(entry, 'packetsReceived'),
      lost: of(entry, 'packetsLost'),
      ...{ frames, frozen },
    });
  }

  /** What the server, or nobody any more, sends is no freeze. */
  #isWatched({ trackIdentifier }: Entry): boolean {
    for (const consumer of this.#consumers) {
      if (consumer.track.id === trackIdentifier) return !consumer.paused;
    }
    return false;
  }

  #total(): { sent: number; received: number } {
    const total = { sent: 0, received: 0 };
    for (const { sent, received } of this.#bytes.values()) {
      total.sent += sent;
      total.received += received;
    }
    return total;
  }
}

function lossOf(streams: Iterable<{ packets: number; lost: number }>): number | undefined {
  let [packets, lost] = [0, 0];
  for (const stream of streams) {
    packets += stream.packets;
    lost += Math.max(stream.lost, 0);
  }
  // A receiver counts what came and what did not, a sender all that it sent: the difference is below what is told.
  return packets > 0 ? (100 * lost) / (packets + lost) : undefined;
}
