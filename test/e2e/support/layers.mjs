// What the server makes of the layers of a producer.
import { once } from 'node:events';

const CLOCK_RATE = 90_000;
const LIMIT_MS = 15_000;

export async function frameRate(tap, { frames = 12 } = {}) {
  const signal = AbortSignal.timeout(LIMIT_MS);
  const counts = new Map();
  let last;
  for (let count = 0; count < frames;) {
    const [{ timestamp }] = await once(tap, 'packet', { signal });
    if (timestamp === last) continue;
    const step = (timestamp - last) >>> 0;
    if (last !== undefined) counts.set(step, (counts.get(step) ?? 0) + 1);
    last = timestamp;
    count += 1;
  }
  const [[step]] = [...counts].sort(([, one], [, other]) => other - one);
  return CLOCK_RATE / step;
}

export async function preferLayers(tap, layers) {
  const { consumer } = tap;
  const signal = AbortSignal.timeout(LIMIT_MS);
  await consumer.setPreferredLayers(layers);
  for (;;) {
    const { spatialLayer, temporalLayer } = consumer.currentLayers ?? {};
    if (spatialLayer === layers.spatialLayer && temporalLayer === layers.temporalLayer) return;
    await once(consumer, 'layerschange', { signal });
  }
}

export function entriesOf(report, type = 'outbound-rtp') {
  return [...report.values()]
    .filter((entry) => entry.type === type)
    .sort((one, other) => (one.encodingIndex ?? 0) - (other.encodingIndex ?? 0));
}

export async function streamsOf(producer) {
  const streams = await producer.getStats();
  return streams.sort((one, other) => (one.rid ?? '').localeCompare(other.rid ?? ''));
}
