// Whether memory grows, of what it was now and then.

/** What process.memoryUsage() tells: the process, JavaScript's heap, and what is outside of it. */
export const KINDS = ['rss', 'heapUsed', 'external'];

/** The first part is of beginning: pools fill, code is compiled. */
const WARM_UP = 0.3;
const TEN_MINUTES_MS = 600_000;
const MB = 2 ** 20;

/**
 * @typedef {{ at: number, rss: number, heapUsed: number, external: number }} Sample `at` in ms, the others in bytes
 * @param {Sample[]} samples
 * @returns {{ last: Record<string, number>, growth: Record<string, number> }} in MB; `growth` is the slope of the straight
 * line that fits best, in ten minutes
 */
export function memoryGrowth(samples) {
  if (samples.length < 3) throw new Error(`${samples.length} samples tell nothing of growth`);
  const warm = samples.slice(Math.min(Math.floor(samples.length * WARM_UP), samples.length - 2));
  const last = {};
  const growth = {};
  for (const kind of KINDS) {
    last[kind] = samples.at(-1)[kind] / MB;
    growth[kind] = (slopeOf(warm.map((sample) => [sample.at, sample[kind]])) * TEN_MINUTES_MS) / MB;
  }
  return { last, growth };
}

/** Of the least squares. @param {[number, number][]} points */
function slopeOf(points) {
  const mean = (index) => points.reduce((sum, point) => sum + point[index], 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  const rise = points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0);
  const run = points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0);
  return rise / run;
}
