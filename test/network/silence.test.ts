// A server that says nothing any more.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileTrack, join, openRoom, until } from '../e2e/session.js';

// As docs/networks.md has it.
const DISCONNECTED_MS = 5000;
const FAILED_MS = 15_000;
// Timers and packets on their way.
const TOLERANCE_MS = 2500;

const patiently = { timeoutMs: 60_000 };

async function open(t: Parameters<typeof openRoom>[0]) {
  // Whether the server gives up too is not what is asked here.
  const room = await openRoom(t, { iceConsentTimeout: 0 });
  const alice = await join(room);
  const transport = await alice.createSendTransport();
  const states: string[] = [];
  const times = new Map<string, number>();
  transport.on('connectionstatechange', (state) => {
    states.push(state);
    times.set(state, performance.now());
  });
  const track = fileTrack('audio', 'red-440hz.mp4', { loop: true });
  const producer = await transport.produce({ track });
  const tap = await room.plainTap(producer);
  await tap.packets(10);
  const { pid } = room.worker;
  const since = (from: string, to: string) => (times.get(to) ?? 0) - (times.get(from) ?? 0);
  return { alice, transport, states, times, tap, pid, since };
}

/** Stops the server until `task` is done. */
async function silently(pid: number, task: () => Promise<void>): Promise<void> {
  process.kill(pid, 'SIGSTOP');
  try {
    await task();
  } finally {
    process.kill(pid, 'SIGCONT');
  }
}

test('it is disconnected, then failed, and a restart of ICE brings it back', async (t) => {
  const { alice, transport, states, times, tap, pid, since } = await open(t);
  times.set('silent', performance.now());
  await silently(pid, () => until('failed', () => states.includes('failed'), patiently));
  assert.deepEqual(states, ['connecting', 'connected', 'disconnected', 'failed']);
  assert.ok(since('silent', 'disconnected') > DISCONNECTED_MS - TOLERANCE_MS);
  assert.ok(since('disconnected', 'failed') > FAILED_MS - TOLERANCE_MS);
  await alice.restartIce(transport);
  await until('connected', () => states.at(-1) === 'connected', patiently);
  await tap.packets(20, patiently);
});

test('it is disconnected, and connected when it is back before long', async (t) => {
  const { states, tap, pid } = await open(t);
  await silently(pid, () =>
    until('disconnected', () => states.includes('disconnected'), patiently),
  );
  await until('connected', () => states.at(-1) === 'connected', patiently);
  assert.deepEqual(states, ['connecting', 'connected', 'disconnected', 'connected']);
  await tap.packets(20, patiently);
});
