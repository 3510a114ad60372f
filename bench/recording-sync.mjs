#!/usr/bin/env node
// node bench/recording-sync.mjs [--seconds=600] [--loss=0.02] [--video-delay=250] [--audio-delay=0]: how far apart sound and
// picture are in a recording of a lossy network that holds the picture up. It takes as long as it records, and ends by itself.
import { parseArgs } from 'node:util';
import { recordedSync } from '../test/e2e/support/recorded-sync.mjs';

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
