#!/usr/bin/env node
// node bench/recording-sync.mjs [--seconds=600] [--loss=0.02] [--video-delay=250] [--audio-delay=0]: how far apart sound and
// picture are in a recording of a lossy network that holds the picture up. It takes as long as it records, and ends by itself: with 1
// if they are more than 40 ms apart at p95, or none were found.
import { parseArgs } from 'node:util';
import { recordedSync } from '../test/e2e/support/recorded-sync.mjs';

const MOST_P95_MS = 40;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '600' },
    loss: { type: 'string', default: '0.02' },
    'video-delay': { type: 'string', default: '250' },
    'audio-delay': { type: 'string', default: '0' },
  },
});
const measured = await recordedSync({
  seconds: Number(values.seconds),
  loss: Number(values.loss),
  videoDelayMs: Number(values['video-delay']),
  audioDelayMs: Number(values['audio-delay']),
});
console.log(JSON.stringify(measured, null, 2));
// Of none it is NaN.
if (!(measured.p95Ms <= MOST_P95_MS)) {
  console.error(`${measured.p95Ms} ms apart at p95: more than ${MOST_P95_MS} ms`);
  process.exitCode = 1;
}
