// An app that forgets what it made.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AudioTrackGenerator } from '../../lib/index.js';
import { Limit } from '../../lib/wire.js';
import { open, stopped, until } from '../unit/support/until-metrics.js';

const limit = { timeout: 600_000 };

test(
  '100,000 tracks that were forgotten are stopped in bounded time, and more than may be are refused',
  limit,
  async (t) => {
    const worker = await open(t);
    const { track } = stopped(t, new AudioTrackGenerator());
    await until(worker, 'the first', ({ thread }) => thread.handles.tracks === 1);
    const before = process.memoryUsage.rss();
    let began = performance.now();
    const clones = Array.from({ length: 100_000 }, () => track.clone());
    await until(worker, 'all of them', ({ thread }) => thread.handles.tracks === 100_001);
    const each = (process.memoryUsage.rss() - before) / clones.length;
    const making = performance.now() - began;
    assert.ok(each < 20_000, `${each} bytes each`);

    // Up to the bound, and beyond it.
    for (let i = clones.length; i < Limit.Handles + 1000; i++) clones.push(track.clone());
    const refused = () => clones.filter(({ readyState }) => readyState === 'ended');
    await until(worker, 'some are refused', () => refused().length >= 900);
    const { thread } = await worker.getMetrics();
    assert.ok(thread.handles.tracks <= Limit.Handles, `${thread.handles.tracks} tracks`);
    const { error } = refused()[0]?.data as { error?: Error & { code?: string } };
    assert.equal(error?.code, 'ERR_LIMIT');
    assert.match(error.message, /131072 .* close or stop/);

    began = performance.now();
    for (const clone of clones) clone.stop();
    await until(worker, 'nothing is left', ({ thread: { handles } }) => handles.tracks === 1);
    const stopping = performance.now() - began;
    t.diagnostic(
      `${Math.round(each)} bytes each; 100,000 made in ${Math.round(making)} ms, ${clones.length} stopped in ${Math.round(stopping)} ms`,
    );
    // Neither takes longer the more there are.
    assert.ok(stopping < 10 * making + 20_000, `${stopping} ms to stop, ${making} ms to make`);
    // What was refused works now.
    const another = track.clone();
    await until(worker, 'another', ({ thread: { handles } }) => handles.tracks === 2);
    another.stop();
  },
);
