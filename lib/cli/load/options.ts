// The command line of `load`.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { parseScalabilityMode } from '../../scalabilityMode.js';
import { isUrl } from '../../sourceName.js';
import { UsageError } from '../UsageError.js';
import { COUNTS, STATISTICS, metricNames } from './metrics.js';
import { shareOf } from './shares.js';
import type { Plan, Range } from './shares.js';
import { parseThresholds } from './thresholds.js';
import type { Threshold } from './thresholds.js';

/** What every thread is told: it crosses to them as it is. */
export type Settings = {
  url: string;
  /** `demo`, `protoo`, or the path of a module. */
  adapter: string;
  adapterOptions: Record<string, string>;
  /** Missing: a test pattern and a tone. */
  file?: string;
  audio: boolean;
  video: boolean;
  audioCodec?: string;
  simulcast: number;
  scalabilityMode?: string;
  /** Kilobits a second of the highest layer. */
  bitrate?: number;
  decode?: boolean;
  /** Consumers that a bot has at the most. */
  consumers: number;
  messageSize: number;
  messageRate: number;
  joinTimeout: number;
};

export type Options = {
  settings: Settings;
  plan: Plan;
  /** Of all pods. */
  bots: number;
  duration: number;
  threads: number;
  pod: number;
  pods: number;
  /** Those of this pod. */
  own: Range;
  thresholds: Threshold[];
  /** Files. */
  report?: string;
  json?: string;
  /** Where Prometheus scrapes, 0 for any that is free. */
  metricsPort?: number;
  metricsHost: string;
  metricsWait: number;
};

export const BOTS_A_THREAD = 200;
const CODECS = { audio: ['opus', 'pcmu', 'pcma'], video: ['vp8', 'vp9', 'h264', 'av1'] };

export const LOAD_HELP = `Usage:
  mediasoup-client-pion load URL [options]
      Lets bots join the rooms of a mediasoup app, and tells what they see.
  mediasoup-client-pion load collect FILE... [--threshold …] [--report FILE] [--json FILE]
      Makes one summary of those of several machines: files of --json, or what load printed.

The server
  URL                      of it; http: with the adapter demo, ws: or wss: with protoo
  --adapter NAME|FILE      how bots join: demo (default), protoo, or a module of yours
  --adapter-option N=V     for the adapter, may be given again
  --room NAME              default load
  --rooms N                as many of them, NAME-0 …, which bots take in turn, default 1
  --join-timeout SECONDS   of a bot, default 30

The bots
  --bots N                 default 10
  --ramp SECONDS           over which they join, default a tenth of a second for each bot
  --duration SECONDS       after the ramp, default 30
  --name NAME              of bots, NAME-0 …, default bot
  --seed N                 of the moments in which they join, default 1
  --threads N              that share the bots, default one for each ${BOTS_A_THREAD}, up to one a core

What they do
  --produce SHARE          of the bots that send media, 0 to 1, default 1
  --consume SHARE          of those that receive, default 1
  --data SHARE             of those that talk on data channels, default 0
  --consumers N            that a bot has at the most, default all that there are
  --file FILE|URL          what they send, over and over; default a test pattern and a tone
  --no-audio, --no-video   one kind alone
  --video-codec NAME,…     ${CODECS.video.join(', ')}; bots take them in turn; default the server's first
  --audio-codec NAME       ${CODECS.audio.join(', ')}; default the server's first
  --simulcast N            encodings of a video, 1 to 3, default 1
  --scalability-mode MODE  of each encoding, such as L1T3, or L3T3 of vp9 and av1
  --bitrate KBITS          that a video has at the most, in its highest layer
  --decode, --no-decode    encode anew whatever the file holds; or send it as it is, or fail
  --message-size BYTES     default 100
  --message-rate N         messages a second of a bot that talks, default 10

What comes of it
  --threshold EXPRESSION   such as join.p95<=500 or loss.max<1, may be given again. Of
                           ${metricNames.join(', ')} with
                           ${STATISTICS.map((name) => `.${name}`).join(' ')} (default .p95), and of
                           ${COUNTS.join(', ')}. failed<=0 and lost<=0 hold unless given otherwise
  --report FILE            an HTML page with charts
  --json FILE              the summary, for collect
  --metrics-port N         of Prometheus' metrics (needs prom-client), --metrics-host ADDRESS
  --metrics-wait SECONDS   for a last scrape before it ends, default 0

On many machines
  --pods N                 that share the bots. Which one this is says --pod N, from 0, or the
                           environment's JOB_COMPLETION_INDEX

Exit status: 0 all thresholds held, 1 one did not or it failed, 2 it was called wrongly.`;

const OPTIONS = {
  adapter: { type: 'string', default: 'demo' },
  'adapter-option': { type: 'string', multiple: true, default: [] as string[] },
  room: { type: 'string', default: 'load' },
  rooms: { type: 'string', default: '1' },
  'join-timeout': { type: 'string', default: '30' },
  bots: { type: 'string', default: '10' },
  ramp: { type: 'string' },
  duration: { type: 'string', default: '30' },
  name: { type: 'string', default: 'bot' },
  seed: { type: 'string', default: '1' },
  threads: { type: 'string' },
  produce: { type: 'string', default: '1' },
  consume: { type: 'string', default: '1' },
  data: { type: 'string', default: '0' },
  consumers: { type: 'string' },
  file: { type: 'string' },
  'no-audio': { type: 'boolean', default: false },
  'no-video': { type: 'boolean', default: false },
  'video-codec': { type: 'string' },
  'audio-codec': { type: 'string' },
  simulcast: { type: 'string', default: '1' },
  'scalability-mode': { type: 'string' },
  bitrate: { type: 'string' },
  decode: { type: 'boolean', default: false },
  'no-decode': { type: 'boolean', default: false },
  'message-size': { type: 'string', default: '100' },
  'message-rate': { type: 'string', default: '10' },
  threshold: { type: 'string', multiple: true, default: [] as string[] },
  report: { type: 'string' },
  json: { type: 'string' },
  'metrics-port': { type: 'string' },
  'metrics-host': { type: 'string', default: '0.0.0.0' },
  'metrics-wait': { type: 'string', default: '0' },
  pods: { type: 'string', default: '1' },
  pod: { type: 'string' },
} as const;

export type CollectOptions = {
  files: string[];
  thresholds?: Threshold[];
  report?: string;
  json?: string;
};

/** @throws UsageError that says what is right. */
export function readCollectOptions(args: string[]): CollectOptions {
  const { values, positionals } = parsed(args, {
    threshold: OPTIONS.threshold,
    report: OPTIONS.report,
    json: OPTIONS.json,
  });
  if (positionals.length === 0) throw new UsageError('collect takes at least one file');
  return {
    files: positionals,
    ...(values.threshold.length > 0 ? { thresholds: parseThresholds(values.threshold) } : {}),
    ...defined({ report: values.report, json: values.json }),
  };
}

/** @throws UsageError that says what is right. */
export function readOptions(args: string[], env: NodeJS.ProcessEnv = process.env): Options {
  const { values, positionals } = parsed(args, OPTIONS);
  const [url, ...others] = positionals;
  if (url === undefined || others.length > 0)
    throw new UsageError('load takes one URL of a server');
  const { adapter } = values;
  checkUrl(url, adapter);
  const bots = whole('--bots', values.bots, 1, 1_000_000);
  const pods = whole('--pods', values.pods, 1, 100_000);
  const pod = podOf(values.pod, pods, env);
  const own = shareOf(bots, pod, pods);
  const simulcast = whole('--simulcast', values.simulcast, 1, 3);
  const scalabilityMode = modeOf(values['scalability-mode']);
  if (values.decode && values['no-decode']) {
    throw new UsageError('expected --decode or --no-decode, got both');
  }
  if (values['no-audio'] && values['no-video'] && Number(values.produce) > 0) {
    throw new UsageError('--no-audio and --no-video leave nothing to send: give --produce 0');
  }
  return {
    settings: {
      url,
      adapter: adapterOf(adapter),
      adapterOptions: pairs('--adapter-option', values['adapter-option']),
      audio: !values['no-audio'],
      video: !values['no-video'],
      simulcast,
      consumers:
        values.consumers === undefined ? Infinity : whole('--consumers', values.consumers, 0, 1e6),
      messageSize: whole('--message-size', values['message-size'], 64, 65_536),
      messageRate: number('--message-rate', values['message-rate'], 0.1, 1000),
      joinTimeout: number('--join-timeout', values['join-timeout'], 0.1, 3600),
      ...defined({
        file: values.file === undefined ? undefined : fileOf(values.file),
        audioCodec: codecOf('audio', values['audio-codec'])?.[0],
        scalabilityMode,
        bitrate:
          values.bitrate === undefined ? undefined : whole('--bitrate', values.bitrate, 10, 1e6),
        decode: values.decode ? true : values['no-decode'] ? false : undefined,
      }),
    },
    plan: {
      rooms: whole('--rooms', values.rooms, 1, 1_000_000),
      room: nameOf('--room', values.room),
      name: nameOf('--name', values.name),
      ramp:
        values.ramp === undefined
          ? (own.to - own.from) / 10
          : number('--ramp', values.ramp, 0, 86_400),
      seed: whole('--seed', values.seed, 0, 2 ** 31) + pod,
      produce: number('--produce', values.produce, 0, 1),
      consume: number('--consume', values.consume, 0, 1),
      data: number('--data', values.data, 0, 1),
      videoCodecs: codecOf('video', values['video-codec']) ?? [],
    },
    bots,
    duration: number('--duration', values.duration, 0, 864_000),
    threads: threadsOf(values.threads, own.to - own.from),
    ...{ pod, pods, own },
    thresholds: parseThresholds(values.threshold),
    metricsHost: values['metrics-host'],
    metricsWait: number('--metrics-wait', values['metrics-wait'], 0, 3600),
    ...defined({
      report: values.report,
      json: values.json,
      metricsPort:
        values['metrics-port'] === undefined
          ? undefined
          : whole('--metrics-port', values['metrics-port'], 0, 65_535),
    }),
  };
}

function parsed<T extends NonNullable<Parameters<typeof parseArgs>[0]>['options']>(
  args: string[],
  options: T,
) {
  try {
    return parseArgs({ args, options: options ?? {}, allowPositionals: true } as {
      args: string[];
      options: NonNullable<T>;
      allowPositionals: true;
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function whole(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new UsageError(`${name}: expected a whole number from ${least} to ${most}, got ${text}`);
}

function number(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (/^\d*\.?\d+$/.test(text) && value >= least && value <= most) return value;
  throw new UsageError(`${name}: expected a number from ${least} to ${most}, got ${text}`);
}

function nameOf(option: string, text: string): string {
  if (/^[\w.-]{1,64}$/.test(text)) return text;
  throw new UsageError(`${option}: expected 1 to 64 letters, digits, _, . and -, got ${text}`);
}

function checkUrl(text: string, adapter: string): void {
  const schemes = { demo: ['http:', 'https:'], protoo: ['ws:', 'wss:'] }[adapter];
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || (schemes && !schemes.includes(url.protocol))) {
    const such = schemes
      ? ` that begins with ${schemes.map((name) => `${name}//`).join(' or ')}`
      : '';
    throw new UsageError(`expected a URL${such}, got ${text}`);
  }
}

function adapterOf(text: string): string {
  if (text === 'demo' || text === 'protoo') return text;
  const file = path.resolve(text);
  if (fs.existsSync(file)) return file;
  throw new UsageError(`--adapter: expected demo, protoo or the file of a module, got ${text}`);
}

function fileOf(text: string): string {
  if (isUrl(text)) return text;
  const file = path.resolve(text);
  if (fs.statSync(file, { throwIfNoEntry: false })?.isFile()) return file;
  throw new UsageError(`--file: there is no file ${file}`);
}

function codecOf(kind: 'audio' | 'video', text: string | undefined): string[] | undefined {
  if (text === undefined) return undefined;
  const names = text.toLowerCase().split(',');
  const known = CODECS[kind];
  const isOne = kind === 'video' || names.length === 1;
  if (isOne && names.every((name) => known.includes(name))) return names;
  throw new UsageError(
    `--${kind}-codec: expected ${kind === 'video' ? 'some' : 'one'} of ${known.join(', ')}, got ${text}`,
  );
}

function modeOf(text: string | undefined): string | undefined {
  try {
    return text === undefined ? undefined : parseScalabilityMode('--scalability-mode', text);
  } catch (error) {
    throw new UsageError(`expected a mode such as L1T3 or L3T3_KEY: ${(error as Error).message}`);
  }
}

function pairs(name: string, texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const at = text.indexOf('=');
      if (at < 1) throw new UsageError(`${name}: expected NAME=VALUE, got ${text}`);
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}

function podOf(given: string | undefined, pods: number, env: NodeJS.ProcessEnv): number {
  const index = env['JOB_COMPLETION_INDEX'];
  const name = given === undefined ? 'JOB_COMPLETION_INDEX' : '--pod';
  const text = given ?? index;
  if (text === undefined || (given === undefined && pods === 1)) {
    if (pods === 1) return 0;
    throw new UsageError('--pods: expected JOB_COMPLETION_INDEX in the environment, or --pod');
  }
  return whole(name, text, 0, pods - 1);
}

function threadsOf(text: string | undefined, bots: number): number {
  if (text !== undefined) return Math.max(1, Math.min(whole('--threads', text, 1, 256), bots));
  return Math.max(1, Math.min(os.availableParallelism(), Math.ceil(bots / BOTS_A_THREAD)));
}

function defined<T extends object>(object: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(
    Object.entries(object).filter(([, value]) => value !== undefined),
  ) as never;
}
