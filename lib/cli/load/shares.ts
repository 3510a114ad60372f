// Who does what: bots among pods and threads, and what each of them sends and receives. All of it follows from numbers that
// every pod knows, so that no two pods have to talk to each other.

/** Consecutive bots: `from` to `to`, without `to`. */
export type Range = { from: number; to: number };

/** The part of `count` that the one with number `index` of `parts` takes: they differ by one at the most. */
export function shareOf(count: number, index: number, parts: number): Range {
  const from = Math.floor((count * index) / parts);
  return { from, to: Math.floor((count * (index + 1)) / parts) };
}

/**
 * Whether the bot with number `index` is one of those that a share is of. They are spread evenly: of any number of bots that
 * follow each other, the share is right to within one.
 */
export function isOfShare(index: number, share: number): boolean {
  // What 0.7 * 10 is short of 7 by is not meant.
  const below = (count: number) => Math.floor(count * share + 1e-9);
  return below(index + 1) > below(index);
}

export type Role = {
  index: number;
  name: string;
  room: string;
  produces: boolean;
  consumes: boolean;
  data: boolean;
  videoCodec?: string;
  /** When it begins to join, in ms. */
  at: number;
};

export type Plan = {
  rooms: number;
  room: string;
  name: string;
  /** Seconds. */
  ramp: number;
  seed: number;
  produce: number;
  consume: number;
  data: number;
  videoCodecs: readonly string[];
};

/** The bots of a range. They join in their order, all through the ramp: those of other pods and threads do meanwhile. */
export function rolesOf({ from, to }: Range, plan: Plan): Role[] {
  return Array.from({ length: to - from }, (_, position) => {
    const index = from + position;
    // Each within a slot of its own: in lockstep they would be a load that no crowd is.
    const slot = (position + chance(plan.seed, index)) / (to - from);
    return { ...roleOf(index, plan), at: slot * plan.ramp * 1000 };
  });
}

function roleOf(index: number, { rooms, videoCodecs, ...plan }: Plan): Omit<Role, 'at'> {
  // Those of one room share out among each other what they do.
  const place = Math.floor(index / rooms);
  const codec = videoCodecs[Math.floor(place * plan.produce + 1e-9) % videoCodecs.length];
  return {
    index,
    name: `${plan.name}-${index}`,
    room: rooms === 1 ? plan.room : `${plan.room}-${index % rooms}`,
    produces: isOfShare(place, plan.produce),
    consumes: isOfShare(place, plan.consume),
    data: isOfShare(place, plan.data),
    ...(codec === undefined ? {} : { videoCodec: codec }),
  };
}

/** A number from 0 to 1 that is always the same for a seed and an index (a step of SplitMix32). */
export function chance(seed: number, index: number): number {
  let z = (Math.imul(seed, 0x9e3779b9) + Math.imul(index + 1, 0x85ebca6b)) | 0;
  z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
  z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
  return ((z ^ (z >>> 15)) >>> 0) / 2 ** 32;
}
