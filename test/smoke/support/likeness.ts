// Whether a recording has what was said, from its first sound to its last.

/** A tenth of a second of what was said, and how alike the recording is there: 1 is the same, up to its loudness. */
export type Window = { readonly at: number; readonly likeness: number };

const ENVELOPE = 100;
const WINDOWS = 10;
/** Of the loudest window: what is less is no sound of speech. */
const LOUD = 0.02;

/** The windows of `said` that have sound, set against the place in `recording` that fits the whole best. */
export function likenesses(
  recording: Float32Array,
  said: Float32Array,
  sampleRate: number,
): Window[] {
  const step = sampleRate / ENVELOPE;
  const roughly = step * bestPlace(envelopeOf(recording, step), envelopeOf(said, step));
  // To the sample, around there.
  const margin = 2 * step;
  const from = Math.max(roughly - margin, 0);
  const near = recording.subarray(from, roughly + said.length + margin);
  const place = from + bestPlace(near, said);

  const length = sampleRate / WINDOWS;
  const windows = Array.from({ length: Math.floor(said.length / length) }, (_, number) => {
    const at = number * length;
    const part = said.subarray(at, at + length);
    const there = recording.subarray(place + at, place + at + length);
    return { at: at / sampleRate, energy: product(part, part), likeness: likeness(there, part) };
  });
  const loudest = Math.max(...windows.map(({ energy }) => energy));
  return windows.filter(({ energy }) => energy > LOUD * loudest);
}

/** How loud each step is. */
function envelopeOf(samples: Float32Array, step: number): Float32Array {
  return Float32Array.from({ length: Math.floor(samples.length / step) }, (_, number) => {
    const part = samples.subarray(number * step, (number + 1) * step);
    return Math.sqrt(product(part, part) / step);
  });
}

/** Where in `whole` the part begins. */
function bestPlace(whole: Float32Array, part: Float32Array): number {
  let best = { place: 0, alike: -Infinity };
  for (let place = 0; place + part.length <= whole.length; place++) {
    const alike = likeness(whole.subarray(place, place + part.length), part);
    if (alike > best.alike) best = { place, alike };
  }
  return best.place;
}

function likeness(a: Float32Array, b: Float32Array): number {
  return product(a, b) / (Math.sqrt(product(a, a) * product(b, b)) || 1);
}

function product(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}
