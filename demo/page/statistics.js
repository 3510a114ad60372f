// Reads the browser's own statistics once a second and feeds the charts.
import { Chart } from './chart.js';

const EVERY_MS = 1000;

export class Statistics {
  #charts;
  #timer;
  #reading = 0;

  constructor(place) {
    this.#charts = {
      bitrate: new Chart(place, {
        title: 'Bitrate',
        unit: 'kbit/s',
        floor: 1000,
        series: { received: 'received', sent: 'sent' },
      }),
      frames: new Chart(place, {
        title: 'Frames a second',
        unit: 'fps',
        floor: 50,
        series: { bot: 'file', back: 'back' },
      }),
      roundTrip: new Chart(place, {
        title: 'Round trip',
        unit: 'ms',
        floor: 2,
        digits: 1,
        series: { path: 'to the server' },
      }),
      loss: new Chart(place, {
        title: 'Packets lost',
        unit: '%',
        floor: 1,
        digits: 1,
        series: { received: 'received', sent: 'sent' },
      }),
    };
  }

  /** @param {import('./visit.js').Visit} visit */
  start(visit) {
    const reading = ++this.#reading;
    let before;
    const read = async () => {
      // A visit that ends while it is read gives no more numbers.
      const now = await countersOf(visit).catch(() => undefined);
      if (reading !== this.#reading) return;
      if (now && before) this.#add(before, now);
      before = now ?? before;
      this.#timer = setTimeout(read, EVERY_MS);
    };
    void read();
  }

  stop() {
    this.#reading++;
    clearTimeout(this.#timer);
    for (const chart of Object.values(this.#charts)) chart.clear();
  }

  #add(before, now) {
    const seconds = (now.at - before.at) / 1000;
    /** What grew is a rate; what began again, or is not there, is none. */
    const rate = (key) => {
      const growth = now[key] - before[key];
      return growth >= 0 ? growth / seconds : undefined;
    };
    const share = (lost, passed) => {
      const [bad, good] = [Math.max(now[lost] - before[lost], 0), now[passed] - before[passed]];
      return bad + good > 0 ? (100 * bad) / (bad + good) : undefined;
    };
    const kilobits = (key) => (rate(key) === undefined ? undefined : (8 * rate(key)) / 1000);
    this.#charts.bitrate.add({
      received: kilobits('bytesReceived'),
      sent: kilobits('bytesSent'),
    });
    this.#charts.frames.add({ bot: rate('botFrames'), back: rate('backFrames') });
    this.#charts.roundTrip.add({ path: now.roundTripMs });
    this.#charts.loss.add({
      received: share('lostIn', 'packetsIn'),
      sent: share('lostOut', 'packetsOut'),
    });
  }
}

/** The counters of a visit at one moment. */
async function countersOf({ receiving, sending, consumers, back, picture }) {
  const incoming = await entriesOf(receiving);
  const outgoing = await entriesOf(sending);
  // Not the packets by which mediasoup measures the path: it leaves gaps between them.
  const tracks = [...consumers, back].map((consumer) => consumer?.track.id);
  const received = incoming.filter(
    ({ type, trackIdentifier }) => type === 'inbound-rtp' && tracks.includes(trackIdentifier),
  );
  const sent = outgoing.filter(({ type }) => type === 'outbound-rtp');
  const told = outgoing.filter(({ type }) => type === 'remote-inbound-rtp');
  const pair = [...incoming, ...outgoing].find(
    ({ type, nominated, state }) => type === 'candidate-pair' && nominated && state === 'succeeded',
  );
  const framesOf = (consumer) =>
    received.find(({ trackIdentifier }) => trackIdentifier === consumer?.track.id)?.framesDecoded;
  return {
    at: performance.now(),
    bytesReceived: sum(received, 'bytesReceived'),
    bytesSent: sum(sent, 'bytesSent'),
    packetsIn: sum(received, 'packetsReceived'),
    lostIn: sum(received, 'packetsLost'),
    packetsOut: picture ? sum(sent, 'packetsSent') : undefined,
    lostOut: picture ? sum(told, 'packetsLost') : undefined,
    botFrames: framesOf(consumers.find(({ kind }) => kind === 'video')),
    backFrames: framesOf(back),
    roundTripMs: pair && 1000 * pair.currentRoundTripTime,
  };
}

async function entriesOf(transport) {
  return [...(await transport.getStats()).values()];
}

function sum(entries, key) {
  return entries.reduce((total, entry) => total + (entry[key] ?? 0), 0);
}
