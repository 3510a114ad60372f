// A test of a user, which Vitest runs.
import { expect, test } from 'vitest';
import { live } from './life.mjs';

test('sound, picture and messages come back', async () => {
  const { packets, message } = await live();
  expect(packets).toHaveLength(2);
  expect(message).toBe('hello');
});
