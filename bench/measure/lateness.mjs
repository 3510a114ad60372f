// How late frames come, seen by the server: when it took the first packet of each, against the time that RTP says.
import { median } from './statistics.mjs';

const CLOCK = { audio: 48, video: 90 };
/** Producers that are looked at for this long, before the next are. */
const TURN_MS = 500;
const SIDE_BY_SIDE = 40;

/**
 * The server is asked for a trace of some producers at a time, as of all it would cost more than what is measured. When
 * frames of a stream usually come is what the first look at it says: that at the first bots is of when there were few.
 */
export class Lateness {
  /** By SSRC: what its RTP timestamps and the arrivals of its frames say, in ms. */
  #streams = new Map();
  #known = new Set();

  /**
   * Looks at `producers` of the server for some time, in turns; gives by how many ms each of the frames was late.
   * @returns {Promise<number[]>}
   */
  async watch(producers, ms) {
    const late = [];
    for (const began = performance.now(), turns = this.#turns(producers); ;) {
      const looked = turns.next().value;
      for (const producer of looked) await this.#begin(producer);
      await new Promise((resolve) => setTimeout(resolve, TURN_MS));
      for (const producer of looked) await producer.enableTraceEvent([]);
      for (const stream of this.#streams.values()) {
        const offsets = stream.offsets.splice(0);
        if (offsets.length > 0) stream.usual ??= median(offsets);
        for (const offset of offsets) late.push(Math.max(offset - stream.usual, 0));
      }
      if (performance.now() - began >= ms) return late;
    }
  }

  /** The first bots' each time, and others beside them. */
  *#turns(producers) {
    const first = producers.slice(0, SIDE_BY_SIDE / 2);
    const rest = producers.slice(first.length);
    for (let at = 0; ; at += SIDE_BY_SIDE / 2) {
      if (at >= rest.length) at = 0;
      yield [...first, ...rest.slice(at, at + SIDE_BY_SIDE / 2)];
    }
  }

  async #begin(producer) {
    if (!this.#known.has(producer)) {
      this.#known.add(producer);
      producer.on('trace', ({ timestamp, info }) => {
        this.#take(CLOCK[producer.kind], timestamp, info.rtpPacket);
      });
    }
    await producer.enableTraceEvent(['rtp', 'keyframe']);
  }

  #take(perMs, arrived, { ssrc, timestamp }) {
    let stream = this.#streams.get(ssrc);
    if (stream?.timestamp === timestamp) return;
    if (!stream) this.#streams.set(ssrc, (stream = { timestamp, media: 0, offsets: [] }));
    // RTP's time of 32 bits begins anywhere, and may begin anew meanwhile.
    stream.media += ((timestamp - stream.timestamp) | 0) / perMs;
    stream.timestamp = timestamp;
    stream.offsets.push(arrived - stream.media);
  }
}
