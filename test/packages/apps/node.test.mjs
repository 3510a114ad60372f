// A test of a user, which the runner of Node.js runs.
import assert from 'node:assert/strict';
import test from 'node:test';
import { live } from './life.mjs';

test('sound, picture and messages come back', async () => {
  const { packets, message } = await live();
  assert.equal(packets.length, 2);
  assert.equal(message, 'hello');
});
