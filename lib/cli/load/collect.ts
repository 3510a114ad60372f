// Reads what the pods left: files of --json, or logs with lines of JSON among others.
import fs from 'node:fs';
import { merge } from './summary.js';
import type { Note, Second, Summary } from './summary.js';
import type { Threshold } from './thresholds.js';

/** What a file has: whole runs, and pods that had no bot. */
type Found = { summaries: Summary[]; idle: number[] };

/** @throws Error where a file can't be read, or has no summary. */
export function collect(files: readonly string[], thresholds: readonly Threshold[]): Summary {
  const found = files.map(foundIn);
  const summaries = found.flatMap((one) => one.summaries);
  return merge(
    summaries,
    thresholds,
    found.flatMap(({ idle }) => idle),
  );
}

/** A log may be of several pods, as `kubectl logs --prefix` gives it: what comes before the JSON is left out. */
function foundIn(file: string): Found {
  const summaries: Summary[] = [];
  const seconds: Second[] = [];
  const idle: number[] = [];
  for (const line of fs.readFileSync(file, 'utf8').split('\n')) {
    const found = parsed(line.slice(Math.max(line.indexOf('{"type":'), 0)));
    if (found?.type === 'summary') summaries.push(found);
    if (found?.type === 'second') seconds.push(found);
    if (found?.type === 'note') idle.push(found.pod);
  }
  if (summaries.length === 0 && idle.length === 0) {
    throw new Error(`${file}: there is no summary of a run in it`);
  }
  return {
    summaries: summaries.map((summary) => ({
      ...summary,
      history: summary.history ?? seconds.filter(({ pod }) => summary.pods.seen.includes(pod)),
    })),
    idle,
  };
}

function parsed(line: string): Summary | Second | Note | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line) as Summary | Second | Note;
  } catch {
    return undefined;
  }
}
