// What waits for a generator ends, too, when the core takes no more requests.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AudioTrackGenerator } from '../../lib/index.js';
import { Limit } from '../../lib/wire.js';
import { openHooked } from '../hooks/load.js';
import { Hook } from '../hooks/messages.js';
import { open, stopped, until } from './support/until-metrics.js';

test('drained() is refused while too many requests are under way, and resolves after them', async (t) => {
  const bridge = openHooked();
  const worker = await open(t);
  const generator = stopped(t, new AudioTrackGenerator());
  await until(worker, 'it is open', ({ thread }) => thread.handles.tracks === 1);
  const before = generator.drained();
  const asked = Array.from({ length: Limit.Requests }, () =>
    bridge.request(0, Hook.Echo, { text: '' }),
  );
  const answered = Promise.allSettled(asked);
  const refused = { name: 'OperationError', code: 'ERR_LIMIT' };
  await Promise.all([1, 2].map(() => assert.rejects(generator.drained(), refused)));
  await before;
  await answered;
  await generator.drained();
});
