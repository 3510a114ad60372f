import type { ProbedStream } from '../wire.js';
import { codecVariant } from './codecVariant.js';
import type { ProbeReport } from './probe.js';
import { table, visible } from './table.js';

/** Says in words what a source holds. */
export function probeText({ source, container, duration, live, streams }: ProbeReport): string {
  const length = live ? 'live' : duration === undefined ? 'length unknown' : seconds(duration);
  return [
    visible(source),
    `  container ${visible(container)}, ${length}`,
    ...streams.map(streamText),
  ].join('\n');
}

function streamText(stream: ProbedStream): string {
  const head = `  stream ${stream.index}: ${visible(factsOf(stream).join(', '))}`;
  if (stream.kind === 'other') return `${head}\n    is not used`;
  if (!stream.played) {
    return `${head}\n    is not played: another ${stream.kind} stream is, unless the option ${stream.kind}_stream chooses it`;
  }
  return `${head}\n${table(
    stream.ways.map(({ codec, way, reason = '' }) => [
      '',
      `${codec.mimeType} ${codecVariant(codec)}`,
      way === 'passthrough'
        ? 'passes through as it is'
        : `${way === 'none' ? 'not possible' : 'transcoded'}: ${reason}`,
    ]),
  )}`;
}

function factsOf(s: ProbedStream): string[] {
  const facts = [`${s.kind === 'other' ? '' : `${s.kind} `}${s.codec}`];
  const add = (condition: unknown, fact: string): void => {
    if (condition) facts.push(fact);
  };
  add(s.profile, s.profile ?? '');
  add(s.width, `${s.width ?? 0}x${s.height ?? 0}`);
  add(s.framerate, `${round(s.framerate ?? 0)} frames a second`);
  add(s.pixelFormat, s.pixelFormat ?? '');
  add(s.sampleRate, `${s.sampleRate ?? 0} Hz`);
  add(s.channels, s.channels === 1 ? '1 channel' : `${s.channels ?? 0} channels`);
  add(s.bitrate, `${Math.round((s.bitrate ?? 0) / 1000)} kbit/s`);
  add(s.rotation, `turned by ${s.rotation ?? 0} degrees`);
  if (s.kind === 'video' && s.played) {
    const interval = seconds(s.keyframeInterval ?? 0);
    add(s.keyframesKnown, `a keyframe every ${interval} at most`);
    add(!s.keyframesKnown, `no second keyframe within ${interval}`);
    facts.push(s.bFrames ? 'B-frames' : 'no B-frames');
  }
  add(s.played && !s.decodable, 'not decodable by this build');
  return facts;
}

const round = (n: number): string => String(Math.round(n * 100) / 100);
const seconds = (n: number): string => `${round(n)} s`;
