// The command line of `load`: what it takes, and what it says of what it does not.
import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, it } from 'node:test';
import { UsageError } from '../../lib/cli/UsageError.js';
import { readCollectOptions, readOptions } from '../../lib/cli/load/options.js';

const URL = 'http://127.0.0.1:8090/';
const read = (args: string[], env: NodeJS.ProcessEnv = {}) => readOptions([URL, ...args], env);
const here = import.meta.filename;

describe('the options of load', () => {
  it('have values of their own', () => {
    const { settings, plan, bots, duration, threads, thresholds } = read([]);
    assert.deepEqual([settings.url, settings.adapter, bots, duration], [URL, 'demo', 10, 30]);
    assert.deepEqual([plan.ramp, plan.rooms, threads], [1, 1, 1]);
    assert.deepEqual([plan.produce, plan.consume, plan.data], [1, 1, 0]);
    assert.deepEqual(
      thresholds.map(({ text }) => text),
      ['failed<=0', 'lost<=0'],
    );
  });

  it('are taken as they are given', () => {
    const { settings, plan, duration } = read([
      ...['--bots', '40', '--ramp', '2.5', '--duration', '7', '--rooms', '4', '--room', 'a.b'],
      ...['--produce', '.5', '--consume', '0.25', '--data', '1', '--consumers', '9'],
      ...['--video-codec', 'VP8,h264', '--audio-codec', 'opus', '--simulcast', '3'],
      ...['--scalability-mode', 'L1T3', '--bitrate', '800', '--no-decode', '--no-audio'],
      ...['--adapter', here, '--adapter-option', 'a=b=c', '--file', here],
    ]);
    assert.deepEqual([plan.ramp, plan.rooms, plan.room, duration], [2.5, 4, 'a.b', 7]);
    assert.deepEqual([plan.produce, plan.consume, plan.data], [0.5, 0.25, 1]);
    assert.deepEqual(plan.videoCodecs, ['vp8', 'h264']);
    assert.deepEqual(settings.adapterOptions, { a: 'b=c' });
    assert.equal(settings.adapter, path.resolve(here));
    const { consumers, audioCodec, simulcast, scalabilityMode, bitrate, decode, audio } = settings;
    assert.deepEqual(
      [consumers, audioCodec, simulcast, scalabilityMode, bitrate, decode, audio],
      [9, 'opus', 3, 'L1T3', 800, false, false],
    );
  });

  for (const [args, words] of [
    [['--bots', '0'], /--bots: expected a whole number from 1 to 1000000, got 0/],
    [['--bots', '2.5'], /whole number/],
    [['--produce', '1.1'], /--produce: expected a number from 0 to 1, got 1.1/],
    [['--duration', 'long'], /--duration: expected a number/],
    [['--video-codec', 'vp7'], /some of vp8, vp9, h264, av1, got vp7/],
    [['--audio-codec', 'opus,pcmu'], /one of opus, pcmu, pcma/],
    [['--simulcast', '4'], /from 1 to 3/],
    [['--scalability-mode', 'T3'], /such as L1T3/],
    [['--adapter', 'nowhere.mjs'], /demo, protoo or the file of a module/],
    [['--adapter', 'protoo'], /ws:\/\/ or wss:\/\//],
    [['--adapter-option', 'x'], /NAME=VALUE/],
    [['--file', 'nowhere.mp4'], /there is no file .*nowhere\.mp4/],
    [['--room', 'a/b'], /letters, digits/],
    [['--no-audio', '--no-video'], /nothing to send/],
    [['--decode', '--no-decode'], /got both/],
    [['--threshold', 'joins<1'], /one of join, picture/],
    [['--threshold', 'join.p42<1'], /\.p50/],
    [['--threshold', 'failed.p50<1'], /a count/],
    [['--threshold', 'join<fast'], /a number/],
    [['--pods', '2'], /JOB_COMPLETION_INDEX in the environment, or --pod/],
    [['--pods', '2', '--pod', '2'], /--pod: expected a whole number from 0 to 1, got 2/],
    [['--dance'], /--dance/],
    [['second'], /one URL/],
  ] as const) {
    it(`${args.join(' ')} is refused by words that say what is right`, () => {
      assert.throws(
        () => read([...args]),
        (error) => error instanceof UsageError && words.test(error.message),
      );
    });
  }

  it('name one server', () => {
    assert.throws(() => readOptions([], {}), /one URL/);
    assert.throws(() => readOptions(['example.org'], {}), /http:\/\/ or https:\/\//);
    assert.throws(() => readCollectOptions([]), /at least one file/);
  });

  it('take the share of a pod from the environment', () => {
    const env = { JOB_COMPLETION_INDEX: '2' };
    const { pod, pods, own, plan } = read(['--bots', '10', '--pods', '4', '--seed', '5'], env);
    assert.deepEqual([pod, pods, own, plan.seed], [2, 4, { from: 5, to: 7 }, 7]);
    // It is of another Job where there is one pod.
    assert.deepEqual(read([], env).own, { from: 0, to: 10 });
    const wrong = { JOB_COMPLETION_INDEX: '4' };
    assert.throws(() => read(['--pods', '4'], wrong), /JOB_COMPLETION_INDEX: expected .* 0 to 3/);
  });
});
