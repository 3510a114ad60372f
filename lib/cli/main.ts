// `npx mediasoup-client-pion`. Exit status: 0 all is well, 1 something is wrong, 2 it was called wrongly.
import { parseArgs } from 'node:util';
import type { ParseArgsConfig } from 'node:util';
import { version } from '../version.js';
import { readCrash } from './crash.js';
import type { Crash } from './crash.js';
import { crashText } from './crashText.js';
import { diagnose } from './doctor.js';
import { doctorText } from './doctorText.js';
import { probe } from './probe.js';
import { probeText } from './probeText.js';
import { sourceName } from '../sourceName.js';
import { visible } from './table.js';
import { UsageError } from './UsageError.js';

const USAGE = `Usage:
  mediasoup-client-pion doctor [--json]
      Tells of the platform, versions, codecs, devices and network, and what is wrong.
  mediasoup-client-pion doctor --crash FILE [--json]
      Tells what a report of a crash says, and what to do.
  mediasoup-client-pion probe FILE|URL [--timeout SECONDS] [--json]
      Tells what a source holds, and for each codec whether it passes through or is
      transcoded, and why. Opening it may take 10 s unless told otherwise.
  mediasoup-client-pion load URL [--bots N] [--duration SECONDS] [--threshold …] …
  mediasoup-client-pion load collect FILE...
      Lets bots join the rooms of a mediasoup app, and tells what they see. load --help
      tells more.
  mediasoup-client-pion --version
  mediasoup-client-pion --help

Exit status: 0 all is well, 1 something is wrong, 2 it was called wrongly.`;

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function parse<T extends NonNullable<ParseArgsConfig['options']>>(args: string[], options: T) {
  try {
    return parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

async function doctor(args: string[]): Promise<number> {
  const { values, positionals } = parse(args, {
    json: { type: 'boolean' },
    crash: { type: 'string' },
  });
  if (positionals.length > 0) throw new UsageError('doctor takes no argument');
  if (values.crash !== undefined) return explainCrash(values.crash, values.json === true);
  const diagnosis = await diagnose();
  print(values.json ? JSON.stringify(diagnosis, null, 2) : doctorText(diagnosis));
  return diagnosis.ok ? 0 : 1;
}

function explainCrash(file: string, json: boolean): number {
  let crash: Crash;
  try {
    crash = readCrash(file);
  } catch (error) {
    process.stderr.write(`${visible((error as Error).message)}\n`);
    return 1;
  }
  print(json ? JSON.stringify(crash, null, 2) : crashText(crash));
  return crash.kind === 'unknown' ? 1 : 0;
}

async function probeSource(args: string[]): Promise<number> {
  const { values, positionals } = parse(args, {
    json: { type: 'boolean' },
    timeout: { type: 'string' },
  });
  const [source, ...others] = positionals;
  if (!source || others.length > 0) throw new UsageError('probe takes one file or URL');
  const timeout = values.timeout === undefined ? undefined : Number(values.timeout);
  if (timeout !== undefined && !(timeout > 0 && timeout <= 3600)) {
    throw new UsageError(
      `--timeout: expected seconds, above 0 and up to 3600, got ${values.timeout ?? ''}`,
    );
  }
  try {
    const report = await probe(source, timeout);
    print(values.json ? JSON.stringify(report, null, 2) : probeText(report));
    return 0;
  } catch (error) {
    const { name, code, message } = error as NodeJS.ErrnoException;
    if (values.json) {
      const failure = { source: sourceName(source), error: { name, code, message } };
      print(JSON.stringify(failure, null, 2));
    } else process.stderr.write(`${visible(message)}${code ? ` (${code})` : ''}\n`);
    return 1;
  }
}

/** It is a program of its own, which the others do not read. */
async function load(args: string[]): Promise<number> {
  const { href } = new URL('./load.mjs', import.meta.url);
  const command = (await import(href)) as typeof import('./load/command.js');
  return await command.load(args).catch((error: unknown) => {
    // Of a class of that program's own.
    if (!(error instanceof Error) || error.name !== 'UsageError') throw error;
    process.stderr.write(
      `${visible(error.message)}\nmediasoup-client-pion load --help tells more.\n`,
    );
    return 2;
  });
}

async function main([command, ...args]: string[]): Promise<number> {
  if (command !== 'load' && (args.includes('--help') || args.includes('-h'))) command = '--help';
  switch (command) {
    case 'doctor':
      return await doctor(args);
    case 'probe':
      return await probeSource(args);
    case 'load':
      return await load(args);
    case '--version':
    case '-v':
      print(version);
      return 0;
    case '--help':
    case '-h':
      print(USAGE);
      return 0;
    default:
      throw new UsageError(command === undefined ? 'no command' : `unknown command ${command}`);
  }
}

// Whoever reads may leave early, as head does.
process.stdout.on('error', () => process.exit());

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  if (!(error instanceof UsageError)) {
    process.stderr.write(`${visible((error as Error).stack ?? String(error))}\n`);
    return 1;
  }
  process.stderr.write(`${visible(error.message)}\n\n${USAGE}\n`);
  return 2;
});
// What the core did not end in time does not hold the terminal.
setTimeout(() => process.exit(), 3000).unref();
