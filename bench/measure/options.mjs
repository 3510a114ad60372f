// The command line of a benchmark.
import { parseArgs } from 'node:util';

/**
 * Reads whole-number options and `--only <client>`; prints the help or the cure and ends where that is all.
 * @param {string} name of the benchmark
 * @param {Record<string, { default: number, lowest: number, highest: number, what: string }> & { clients: string[] }} known
 */
export function readOptions(name, { clients, ...numbers }) {
  const fail = (message) => {
    console.error(`${message}\nnpm run bench:${name} -- --help tells the options`);
    process.exit(2);
  };
  let values;
  try {
    ({ values } = parseArgs({
      options: {
        help: { type: 'boolean', short: 'h' },
        only: { type: 'string' },
        ...Object.fromEntries(Object.keys(numbers).map((key) => [key, { type: 'string' }])),
      },
    }));
  } catch (error) {
    fail(error.message);
  }
  if (values.help) {
    console.log(`Usage: npm run bench:${name} -- [options]\n`);
    for (const [key, { default: usual, lowest, highest, what }] of Object.entries(numbers)) {
      console.log(
        `  --${key} <n>`.padEnd(22),
        `${what}, ${lowest} to ${highest} (default ${usual})`,
      );
    }
    console.log('  --only <name>'.padEnd(22), `one of ${clients.join(', ')} (default: all)`);
    process.exit(0);
  }
  if (values.only !== undefined && !clients.includes(values.only)) {
    fail(`--only: expected one of ${clients.join(', ')}, got ${values.only}`);
  }
  const options = { clients: values.only === undefined ? clients : [values.only] };
  for (const [key, { default: usual, lowest, highest }] of Object.entries(numbers)) {
    const value = Number(values[key] ?? usual);
    if (!Number.isInteger(value) || value < lowest || value > highest) {
      fail(`--${key}: expected a whole number from ${lowest} to ${highest}, got ${values[key]}`);
    }
    options[key] = value;
  }
  return options;
}
