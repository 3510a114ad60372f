// The slope by which a soak tells a leak from noise.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mulberry32 } from '../e2e/support/random.mjs';
import { slopeOf } from '../soak/slope.js';

/** Points of a line with noise of up to `noise`, some of them far off. */
function points(count: number, slope: number, noise: number, outliers = 0) {
  const random = mulberry32(7);
  return Array.from({ length: count }, (_, at) => {
    const far = at % 7 === 3 && at / 7 < outliers ? 1000 : 0;
    return [at, 50 + slope * at + noise * (random() - 0.5) + far] as const;
  });
}

for (const slope of [-2, 0, 0.5, 30]) {
  test(`a slope of ${slope} is found, whatever a few samples say`, () => {
    const exact = slopeOf(points(40, slope, 0));
    for (const value of Object.values(exact)) assert.ok(Math.abs(value - slope) < 1e-9);
    const found = slopeOf(points(40, slope, 3, 5));
    assert.ok(Math.abs(found.slope - slope) < 0.2, `${found.slope}`);
    assert.ok(found.least <= slope && slope <= found.most);
  });
}

test('of noise alone, the interval has both signs', () => {
  const { least, most } = slopeOf(points(20, 0, 5));
  assert.ok(least < 0 && most > 0, `${least} to ${most}`);
});

test('one point has no slope', () => {
  assert.throws(() => slopeOf([[1, 1]]), /1 points have no slope/);
});
