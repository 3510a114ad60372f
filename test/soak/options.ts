// The options of npm run soak, as scripts/soak.mjs tells of them.
import { parseArgs } from 'node:util';

export type Options = { minutes: number; seed: number; bots: number; report: string };

/** @throws TypeError that names the option that is wrong. */
export function readOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      minutes: { type: 'string', default: '2' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      bots: { type: 'string', default: '4' },
      report: { type: 'string', default: 'build/soak' },
    },
  });
  const number = (name: 'minutes' | 'seed' | 'bots', low: number, high: number) => {
    const value = Number(values[name]);
    if (value >= low && value <= high) return value;
    throw new TypeError(`--${name}: expected ${low} to ${high}, got ${values[name]}`);
  };
  return {
    minutes: number('minutes', 0.5, 10_000),
    seed: number('seed', 0, 2 ** 32),
    bots: number('bots', 1, 100),
    report: values.report,
  };
}
