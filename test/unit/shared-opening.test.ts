import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SharedOpening } from '../../lib/SharedOpening.js';

function silent(): { opening: SharedOpening<string>; opened: () => void } {
  let opened = (): void => undefined;
  const opening = new SharedOpening<string>(
    (signal) =>
      new Promise((resolve, reject) => {
        opened = (): void => {
          resolve('a track');
        };
        signal.addEventListener('abort', () => {
          reject(new Error('cancelled'));
        });
      }),
  );
  return { opening, opened: () => opened() };
}

test('the last that waits for a track cancels its opening', async () => {
  const { opening } = silent();
  const [one, two] = [new AbortController(), new AbortController()];
  const waiting = [opening.wait(one.signal), opening.wait(two.signal)];
  one.abort();
  assert.equal(opening.cancelled, false);
  two.abort();
  assert.equal(opening.cancelled, true);
  for (const wait of waiting) await assert.rejects(wait, /cancelled/);
});

test('an opening that another waits for goes on', async () => {
  const { opening, opened } = silent();
  const one = new AbortController();
  const waiting = [opening.wait(one.signal), opening.wait()];
  one.abort();
  opened();
  await Promise.all(waiting);
  assert.equal(opening.cancelled, false);
});

test('who waited for a track that is open cancels nothing', async () => {
  const { opening, opened } = silent();
  const one = new AbortController();
  const waiting = opening.wait(one.signal);
  opened();
  await waiting;
  one.abort();
  assert.equal(opening.cancelled, false);
});

test('one whose signal was aborted before does not wait', async () => {
  const { opening } = silent();
  await assert.rejects(opening.wait(AbortSignal.abort()), /cancelled/);
  assert.equal(opening.cancelled, true);
});
