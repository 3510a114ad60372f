// Reads what the demo shows: the package's own statistics, and keyframes as the server sees them.

const SHORTEST_SPAN_MS = 250;

/**
 * @typedef {{ way: string, name: string, kind: string, codec: string, kbits?: number, packets?: number,
 *   lost?: number, rttMs?: number, keyframes?: number }} MediaRow
 * @typedef {{ way: string, name: string, kbits?: number, messages: number, lost?: number, perSecond?: number,
 *   medianMs?: number }} DataRow
 */

/** One producer or consumer, of which `read()` gives a row of the table with rates since the last read. */
export class MediaGauge {
  #object;
  #transport;
  #watch;
  #way;
  #rate = new Rate();

  name;

  constructor(object, { transport, way, name, watch }) {
    this.#object = object;
    this.#transport = transport;
    this.#way = way;
    this.#watch = watch;
    this.name = name;
  }

  /** @returns {Promise<MediaRow>} */
  async read() {
    const sent = this.#way === 'sent';
    const stats = await statsOf(this.#object);
    const own = stats.find(({ type }) => type === (sent ? 'outbound-rtp' : 'inbound-rtp')) ?? {};
    const remote = stats.find(({ type }) => type === 'remote-inbound-rtp') ?? {};
    const bytes = sent ? own.bytesSent : own.bytesReceived;
    return {
      way: this.#way,
      name: this.name,
      kind: this.#object.kind,
      codec: codecOf(this.#object),
      kbits: bytes === undefined ? undefined : kilobits(this.#rate.of(bytes)),
      packets: sent ? own.packetsSent : own.packetsReceived,
      lost: sent ? remote.packetsLost : own.packetsLost,
      rttMs: milliseconds(remote.roundTripTime || (await this.#pathRoundTrip())),
      keyframes: this.#watch?.keyframes.count,
    };
  }

  /** Where no report told a round-trip time, as on the receiving side, that of the path is the same. */
  async #pathRoundTrip() {
    const pairs = (await statsOf(this.#transport)).filter(({ type }) => type === 'candidate-pair');
    const used = pairs.find(({ nominated, state }) => nominated && state === 'succeeded');
    return used?.currentRoundTripTime;
  }
}

/** Numbered messages on their way out. */
export class DataSender {
  #producer;
  #rate = new Rate();
  #byteRate = new Rate();
  #bytes = 0;
  #timer;

  messages = 0;

  constructor(producer, { everyMs, size }) {
    this.#producer = producer;
    this.#timer = setInterval(() => this.#send(size), everyMs);
  }

  /** @returns {DataRow} */
  read(name) {
    return {
      way: 'sent',
      name,
      messages: this.messages,
      perSecond: this.#rate.of(this.messages),
      kbits: kilobits(this.#byteRate.of(this.#bytes)),
    };
  }

  stop() {
    clearInterval(this.#timer);
  }

  #send(size) {
    // What does not leave would only pile up.
    if (this.#producer.readyState !== 'open' || this.#producer.bufferedAmount > 100_000) return;
    const text = JSON.stringify({ number: this.messages, at: performance.now() });
    this.#producer.send(text.padEnd(size));
    this.messages++;
    this.#bytes += size;
  }
}

/** Counts what arrives of a DataSender. */
export class DataReceiver {
  #rate = new Rate();
  #byteRate = new Rate();
  #bytes = 0;
  #next;
  #delays = [];

  messages = 0;
  lost = 0;

  constructor(consumer) {
    consumer.on('message', (message) => this.#take(message));
  }

  /** @returns {DataRow} */
  read(name) {
    return {
      way: 'received',
      name,
      messages: this.messages,
      lost: this.lost,
      perSecond: this.#rate.of(this.messages),
      kbits: kilobits(this.#byteRate.of(this.#bytes)),
      medianMs: this.#median(),
    };
  }

  #take(message) {
    const { number, at } = JSON.parse(message);
    if (this.#next !== undefined && number > this.#next) this.lost += number - this.#next;
    this.#next = number + 1;
    this.messages++;
    this.#bytes += message.length;
    this.#delays.push(performance.now() - at);
    if (this.#delays.length > 1000) this.#delays.shift();
  }

  #median() {
    return this.#delays.toSorted((a, b) => a - b)[this.#delays.length >> 1];
  }
}

/** Growth a second since the last time it was asked. */
class Rate {
  #value = 0;
  #at = performance.now();
  #rate;

  /** Undefined until there is a span that is long enough to divide by. */
  of(value) {
    const now = performance.now();
    if (now - this.#at >= SHORTEST_SPAN_MS) {
      this.#rate = Math.max(((value - this.#value) * 1000) / (now - this.#at), 0);
      this.#value = value;
      this.#at = now;
    }
    return this.#rate;
  }
}

/** Entries of an RTCStatsReport; none of an object that is closed by now. */
async function statsOf(object) {
  if (object.closed) return [];
  try {
    return [...(await object.getStats()).values()];
  } catch (error) {
    if (object.closed) return [];
    throw error;
  }
}

function codecOf({ rtpParameters }) {
  return rtpParameters.codecs[0].mimeType.split('/')[1];
}

function kilobits(bytes) {
  return bytes === undefined ? undefined : (8 * bytes) / 1000;
}

function milliseconds(seconds) {
  return seconds === undefined ? undefined : seconds * 1000;
}

/** Packets that a consumer has received by its own count. */
export async function packetsReceived(consumer) {
  const stats = await statsOf(consumer);
  return stats.find(({ type }) => type === 'inbound-rtp')?.packetsReceived ?? 0;
}
