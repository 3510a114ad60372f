import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recordedSync } from '../e2e/support/recorded-sync.mjs';

for (const { what, delays } of [
  { what: 'the picture', delays: { videoDelayMs: 250 } },
  { what: 'the sound', delays: { audioDelayMs: 180 } },
]) {
  test(
    `sound and picture of a recording are together where ${what} takes longer and 2% are lost`,
    { timeout: 120_000 },
    async (t) => {
      const { pairs, medianMs, p95Ms, mostMs, usuallyLateMs, heldUpMs, lostPackets, result } =
        await recordedSync({ seconds: 35, ...delays });
      t.diagnostic(
        `${pairs} beeps, ${medianMs.toFixed(1)} ms after their flashes in the middle, ${p95Ms.toFixed(1)} ms ` +
          `apart at p95 and ${mostMs.toFixed(1)} at most, late by ${usuallyLateMs.toFixed(1)}, ${heldUpMs.toFixed(1)} at most; ${lostPackets} packets lost, ${JSON.stringify(result)}`,
      );
      assert.ok(pairs > 8, `${pairs} flashes with their beeps`);
      assert.ok(lostPackets > 20);
      assert.ok(
        Math.abs(medianMs) < 40 + usuallyLateMs,
        `${medianMs} ms apart in the middle, ${usuallyLateMs} ms late`,
      );
      assert.ok(
        mostMs < 40 + heldUpMs,
        `${p95Ms} ms apart at p95, ${mostMs} ms at most, held up for ${heldUpMs} ms`,
      );
    },
  );
}
