// How fast something grows, whatever a few samples say: the medians of Theil and Sen.

export type Point = readonly [at: number, value: number];

export type Slope = {
  /** The median of the slopes between all pairs. */
  slope: number;
  /** 19 of 20 times the true slope is not below this one (Sen's interval, by Kendall's variance). */
  least: number;
  most: number;
};

export function slopeOf(points: readonly Point[]): Slope {
  const slopes = points
    .flatMap(([at, value], index) =>
      points.slice(index + 1).map(([nextAt, next]) => (next - value) / (nextAt - at)),
    )
    .sort((a, b) => a - b);
  if (slopes.length === 0) throw new Error(`${points.length} points have no slope`);
  const n = points.length;
  const spread = 1.96 * Math.sqrt((n * (n - 1) * (2 * n + 5)) / 18);
  const at = (index: number) =>
    slopes[Math.min(Math.max(Math.round(index), 0), slopes.length - 1)] ?? 0;
  return {
    slope: (at(Math.floor((slopes.length - 1) / 2)) + at(Math.ceil((slopes.length - 1) / 2))) / 2,
    least: at((slopes.length - spread) / 2),
    most: at((slopes.length + spread) / 2),
  };
}
