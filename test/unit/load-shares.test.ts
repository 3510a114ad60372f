// Who of the bots of a load test does what, among pods and threads.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { chance, isOfShare, rolesOf, shareOf } from '../../lib/cli/load/shares.js';
import type { Plan } from '../../lib/cli/load/shares.js';

const plan: Plan = {
  ...{ rooms: 1, room: 'load', name: 'bot', ramp: 0, seed: 1 },
  ...{ produce: 1, consume: 1, data: 0, videoCodecs: [] },
};
const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);

describe('shares', () => {
  it('of pods hold each bot once, and differ by one', () => {
    for (const [bots, pods] of [
      [10, 3],
      [3, 10],
      [1000, 7],
      [1, 1],
      [99, 100],
    ] as const) {
      const shares = numbers(pods).map((pod) => shareOf(bots, pod, pods));
      const all = shares.flatMap(({ from, to }) => numbers(to - from).map((at) => from + at));
      assert.deepEqual(all, numbers(bots));
      const sizes = shares.map(({ from, to }) => to - from);
      assert.ok(Math.max(...sizes) - Math.min(...sizes) <= 1, `${bots} of ${pods}`);
    }
  });

  it('of what bots do are exact, and spread evenly', () => {
    for (const share of [0, 0.1, 0.25, 1 / 3, 0.5, 0.7, 0.99, 1]) {
      const chosen = numbers(1000).filter((index) => isOfShare(index, share));
      assert.equal(chosen.length, Math.floor(1000 * share + 1e-9), `${share}`);
      for (const from of [0, 17, 500]) {
        const within = chosen.filter((index) => index >= from && index < from + 100).length;
        assert.ok(Math.abs(within - 100 * share) <= 1, `${within} of 100 for ${share}`);
      }
    }
  });

  it('do not depend on how many pods there are, but for when bots join', () => {
    const wanted: Plan = {
      ...plan,
      ...{ rooms: 3, ramp: 8, produce: 0.3, consume: 0.6, data: 0.1, videoCodecs: ['vp8', 'h264'] },
    };
    const one = rolesOf({ from: 0, to: 100 }, wanted);
    const many = numbers(7).flatMap((pod) => rolesOf(shareOf(100, pod, 7), wanted));
    const without = (roles: typeof one) => roles.map(({ at: _at, ...rest }) => rest);
    assert.deepEqual(without(many), without(one));
    assert.equal(new Set(one.map(({ name }) => name)).size, 100);
    assert.deepEqual([...new Set(one.map(({ room }) => room))], ['load-0', 'load-1', 'load-2']);
    // In each room of a third of the bots.
    for (const room of ['load-0', 'load-1', 'load-2']) {
      const producing = one.filter((role) => role.room === room && role.produces);
      assert.ok(Math.abs(producing.length - 10) <= 1, `${producing.length} in ${room}`);
    }
  });

  it('let those who send take the codecs in turn', () => {
    const roles = rolesOf(
      { from: 0, to: 12 },
      { ...plan, produce: 0.5, videoCodecs: ['a', 'b', 'c'] },
    );
    const codecs = roles.filter(({ produces }) => produces).map(({ videoCodec }) => videoCodec);
    assert.deepEqual(codecs.toSorted(), ['a', 'a', 'b', 'b', 'c', 'c']);
  });

  it('let bots join one after the other through the whole ramp, each time at the same moments', () => {
    const times = (seed: number) =>
      rolesOf({ from: 40, to: 60 }, { ...plan, ramp: 10, seed }).map(({ at }) => at);
    const first = times(1);
    assert.deepEqual(first, times(1));
    assert.notDeepEqual(first, times(2));
    assert.deepEqual(
      first,
      first.toSorted((a, b) => a - b),
    );
    first.forEach((at, index) => assert.ok(at >= index * 500 && at < (index + 1) * 500, `${at}`));
  });

  it('have chances from 0 to 1, as many below a half as above', () => {
    const all = numbers(10_000).map((index) => chance(3, index));
    assert.ok(all.every((value) => value >= 0 && value < 1));
    const low = all.filter((value) => value < 0.5).length;
    assert.ok(Math.abs(low - 5000) < 200, `${low}`);
  });
});
