/** What a frame is: `mscp_frame` of goexport/abi.h. internal/frames/head.go says what each number means. */
export type Head = {
  token: number;
  kind: number;
  /** In µs, as `duration`, which is 0 if it is not known. */
  timestamp: number;
  duration: number;
  format: number;
  width: number;
  height: number;
  /** Clockwise, in degrees. */
  rotation: number;
  sampleRate: number;
  channels: number;
  samples: number;
  key: number;
  sequence: number;
  dropped: number;
  size: number;
  planes: number;
  stride: number[];
  offset: number[];
  x: number;
  y: number;
  fullRange: number;
  matrix: number;
  ssrc: number;
  payloadType: number;
  rtpTimestamp: number;
  sequenceNumber: number;
  spatial: number;
  temporal: number;
  audioLevel: number;
  lost: number;
};

/** The most planes of a picture. */
const MOST_PLANES = 4;

/** Where each of a Head is in the Float64Array; `stride` and `offset` are several. */
export const Field = {
  token: 0,
  kind: 1,
  timestamp: 2,
  duration: 3,
  format: 4,
  width: 5,
  height: 6,
  rotation: 7,
  sampleRate: 8,
  channels: 9,
  samples: 10,
  key: 11,
  sequence: 12,
  dropped: 13,
  size: 14,
  planes: 15,
  stride: 16,
  offset: 20,
  x: 24,
  y: 25,
  fullRange: 26,
  matrix: 27,
  ssrc: 28,
  payloadType: 29,
  rtpTimestamp: 30,
  sequenceNumber: 31,
  spatial: 32,
  temporal: 33,
  audioLevel: 34,
  lost: 35,
} as const satisfies Record<keyof Head, number>;

export const FrameKind = { Audio: 1, Video: 2, CodedAudio: 3, CodedVideo: 4 } as const;

/** Written out: an object that is filled name by name takes ten times as long, for each frame. */
export function readHead(from: Float64Array): Head {
  const at = (index: number): number => from[index] ?? 0;
  const planes = (index: number): number[] => [0, 1, 2, 3].map((plane) => at(index + plane));
  return {
    token: at(Field.token),
    kind: at(Field.kind),
    timestamp: at(Field.timestamp),
    duration: at(Field.duration),
    format: at(Field.format),
    width: at(Field.width),
    height: at(Field.height),
    rotation: at(Field.rotation),
    sampleRate: at(Field.sampleRate),
    channels: at(Field.channels),
    samples: at(Field.samples),
    key: at(Field.key),
    sequence: at(Field.sequence),
    dropped: at(Field.dropped),
    size: at(Field.size),
    planes: at(Field.planes),
    stride: planes(Field.stride),
    offset: planes(Field.offset),
    x: at(Field.x),
    y: at(Field.y),
    fullRange: at(Field.fullRange),
    matrix: at(Field.matrix),
    ssrc: at(Field.ssrc),
    payloadType: at(Field.payloadType),
    rtpTimestamp: at(Field.rtpTimestamp),
    sequenceNumber: at(Field.sequenceNumber),
    spatial: at(Field.spatial),
    temporal: at(Field.temporal),
    audioLevel: at(Field.audioLevel),
    lost: at(Field.lost),
  };
}

/** Writes what `head` has, and 0 for the rest. */
export function writeHead(to: Float64Array, head: Partial<Head>): void {
  to.fill(0);
  for (const name of Object.keys(head) as (keyof Head)[]) {
    const value = head[name];
    if (typeof value === 'number') to[Field[name]] = value;
    else if (value) to.set(value.slice(0, MOST_PLANES), Field[name]);
  }
}

/** Which of a reader's frames it is. */
export type FrameMetadata = {
  /** Counts the frames of the reader from 1, those that it lost too. */
  sequence: number;
  /** How many it lost right before this one. */
  dropped: number;
};
