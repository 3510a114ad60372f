// The places where goroutines and callbacks begin, as places.json lists them: `LIFE` for one that a life enters, `LIFE, at its
// end`, `LIFE, of no Worker`, or why no life enters it. A test of internal/recovery compares it with the code.
import fs from 'node:fs';

/** While it lives, as it closes, or beside all Workers. */
export type When = 'during' | 'end' | 'anywhere';

export type Attempt = { place: string; when: When };

export type Outcome = {
  /** Whether it was told to a Worker's listener; what is not told there is printed. */
  isTold: boolean;
  /** Whether the app's own listener heard of it, where there is one. */
  isHeard: boolean;
  /** What else was told. */
  others: string[];
  /** What is there that was not there before. */
  left: string[];
};

const WHEN: Record<string, When> = {
  '': 'during',
  'at its end': 'end',
  'of no Worker': 'anywhere',
};

const listed = JSON.parse(
  fs.readFileSync(new URL('../places.json', import.meta.url), 'utf8'),
) as Record<string, string>;

export const byLife = new Map<string, Attempt[]>();

for (const [place, by] of Object.entries(listed)) {
  const [life = '', about = ''] = by.split(', ');
  const when = WHEN[about];
  if (life.startsWith('none: ')) continue;
  if (!when) throw new Error(`${place}: expected a life or none: and why, got ${by}`);
  byLife.set(life, [...(byLife.get(life) ?? []), { place, when }]);
}

/** Those of which some places panic each day. The others take longer. */
export const DAILY = ['bot', 'leaver', 'tcp'];

/** The lives of each file of tests. `others` are those of no other. */
const FILES: Record<string, string[]> = {
  bot: ['bot'],
  leaver: ['leaver'],
  network: ['tcp', 'turn', 'lossy', 'crowd'],
  sources: ['sources', 'silent', 'microphone'],
};

export function livesOf(file: string): string[] {
  const others = [...byLife.keys()].filter((life) => !Object.values(FILES).flat().includes(life));
  return FILES[file] ?? others;
}

export function isListed(entered: string): boolean {
  return Object.keys(listed).some((place) =>
    place.endsWith('…') ? entered.startsWith(place.slice(0, -1)) : entered === place,
  );
}
