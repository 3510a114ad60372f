// Runs sections of tests side by side: lanes of them, each section with its output in one piece.
import { AsyncLocalStorage } from 'node:async_hooks';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import os from 'node:os';
import { root } from './project.mjs';
import { duration, printFailure, StepError } from './steps.mjs';

/** The section that runs: what it printed, or nothing where it prints at once. */
const current = new AsyncLocalStorage();

/** Prints a line, in its section. */
export function say(line) {
  const { output } = current.getStore() ?? {};
  if (output) output.push(Buffer.from(`${line}\n`));
  else console.log(line);
}

/** Runs a command in the project; rejects if it fails. */
export async function run(command, args, env = {}) {
  await start(command, args, env, (child, { output }) => {
    child.stdout?.on('data', (chunk) => output.push(chunk));
    child.stderr?.on('data', (chunk) => output.push(chunk));
  });
}

/** Runs a command in the project to what it prints. */
export async function textOf(command, args, env = {}) {
  const chunks = [];
  await start(
    command,
    args,
    env,
    (child) => child.stdout.on('data', (chunk) => chunks.push(chunk)),
    ['ignore', 'pipe', 'inherit'],
  );
  return Buffer.concat(chunks).toString();
}

async function start(command, args, env, listen, stdio) {
  const section = current.getStore() ?? {};
  const how = section.output ? 'pipe' : 'inherit';
  const child = spawn(command, args, {
    cwd: root,
    stdio: stdio ?? ['ignore', how, how],
    env: { ...process.env, ...env },
  });
  listen(child, section);
  if (section.patient && child.pid) os.setPriority(child.pid, PATIENCE);
  // An error, as of a command that is not there, rejects.
  const [status, signal] = await once(child, 'close');
  if (status !== 0) {
    throw new Error(`${command} ${args.join(' ')}: ${signal ?? `exit status ${status}`}`);
  }
}

/** What plays in real time goes first: a third of what it gets is left to what computes, and all that it leaves. */
const PATIENCE = 5;

/**
 * Runs lanes of sections, each `{ name, about, run }`; those of a lane that is `patient` leave the processors to the
 * others. Resolves to what became of each: `{ name, ms, failed }`.
 */
export async function runLanes(lanes) {
  const busy = lanes.filter(({ sections }) => sections.length > 0);
  const isAlone = busy.length === 1;
  const results = [];
  await Promise.all(
    busy.map(async ({ sections, patient }) => {
      for (const section of sections) {
        results.push(await runSection(section, { patient, output: isAlone ? undefined : [] }));
      }
    }),
  );
  return results;
}

async function runSection({ name, about, run: work }, store) {
  const started = Date.now();
  const { output } = store;
  console.log(output ? `... ${name}` : `\n=== ${name}: ${about}`);
  let failure;
  try {
    await current.run(store, async () => work());
  } catch (error) {
    failure = error ?? new Error(`${name} was rejected`);
  }
  const ms = Date.now() - started;
  if (output) {
    process.stdout.write(Buffer.concat([Buffer.from(`\n=== ${name}: ${about}\n`), ...output]));
  }
  if (failure instanceof StepError) printFailure(failure);
  else if (failure) console.error(failure.message);
  console.log(`=== ${name}: ${failure ? 'FAILED' : 'passed'}, ${duration(ms)}`);
  return { name, ms, failed: failure !== undefined };
}
