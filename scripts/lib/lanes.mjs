// Runs sections of tests side by side: in lanes, each section with its output in one piece, beside one lane that computes.
import { AsyncLocalStorage } from 'node:async_hooks';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { root } from './project.mjs';
import { duration, printFailure, StepError } from './steps.mjs';

/** What runs: what it printed, or nothing where it prints at once. */
const current = new AsyncLocalStorage();

/** Of a command that failed, in characters. */
const MOST_SHOWN = 300;

/** How many play: what computes leaves the processors to them. */
let playing = 0;

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

/** What it starts gets of the processors what nobody else wants: beside what compiles, what plays in real time is late. */
const [nice, ...niceArguments] =
  spawnSync('chrt', ['--idle', '0', 'true']).status === 0
    ? ['chrt', '--idle', '0']
    : ['nice', '-n', '19'];

async function start(command, args, env, listen, stdio) {
  const store = current.getStore() ?? {};
  const how = store.output ? 'pipe' : 'inherit';
  const isPatient = store.isComputing && playing > 0;
  const child = spawn(
    isPatient ? nice : command,
    isPatient ? [...niceArguments, command, ...args] : args,
    {
      cwd: root,
      stdio: stdio ?? ['ignore', how, how],
      env: { ...process.env, ...env },
    },
  );
  listen(child, store);
  // An error, as of a command that is not there, rejects.
  const [status, signal] = await once(child, 'close');
  if (status !== 0) {
    throw new Error(`${shortened([command, ...args])}: ${signal ?? `exit status ${status}`}`);
  }
}

/** A command as one line to be read: of one with a hundred packages or files the first do. */
function shortened(words) {
  const line = words.join(' ');
  return line.length > MOST_SHOWN ? `${line.slice(0, MOST_SHOWN)}…` : line;
}

/**
 * Runs sections, each `{ name, about, compute, run }`: those of a lane one after the other, lanes side by side. What is to
 * be computed is, in its order, meanwhile, in what the lanes leave of the processors: a section waits for its own. Unless
 * they are to be side by side, it is computed first, and then the lanes come one after the other. Resolves to what became
 * of each: `{ name, ms, failed, output }`, with output of what failed unless it was printed at once.
 *
 * @returns {Promise<{ name: string, ms: number, failed: boolean, output?: string }[]>}
 */
export async function runLanes({ computing, lanes, isSideBySide }) {
  const sections = [...new Set([...computing, ...lanes.flat()])];
  const options = { isAlone: sections.length === 1 };
  const works = new Map(sections.map((section) => [section, new Work(section, options)]));
  const compute = () => inOrder(computing, (section) => works.get(section).compute());
  const play = (lane) => inOrder(lane, (section) => works.get(section).play());
  if (isSideBySide) {
    // The lanes first: what is computed is to know that somebody plays.
    await Promise.all([...lanes.map(play), compute()]);
  } else {
    await compute();
    await inOrder(lanes, play);
  }
  return [...works.values()].map((work) => work.result);
}

async function inOrder(all, run) {
  for (const one of all) await run(one);
}

/** A section, and what became of it. */
class Work {
  #section;
  #output;
  #ms = 0;
  #failure;
  #computed;
  #endComputing = () => undefined;

  constructor(section, { isAlone }) {
    this.#section = section;
    this.#output = isAlone ? undefined : [];
    this.#computed = section.compute && new Promise((resolve) => (this.#endComputing = resolve));
    if (isAlone) console.log(this.#title);
  }

  async compute() {
    await this.#stage(this.#section.compute, 'computing');
    if (!this.#section.run) this.#tell();
    this.#endComputing();
  }

  async play() {
    // What waits for nothing plays at once, and not after what else begins now.
    if (this.#computed) await this.#computed;
    playing++;
    if (!this.#failure) await this.#stage(this.#section.run, 'playing');
    playing--;
    this.#tell();
  }

  get result() {
    const { name } = this.#section;
    const failure = this.#failure;
    if (!failure || !this.#output) return { name, ms: this.#ms, failed: failure !== undefined };
    const output = `${Buffer.concat(this.#output)}\n${failure.message}`;
    return { name, ms: this.#ms, failed: true, output };
  }

  get #title() {
    return `\n=== ${this.#section.name}: ${this.#section.about}`;
  }

  async #stage(work, what) {
    const started = Date.now();
    if (this.#output) console.log(`... ${this.#section.name}: ${what}`);
    const store = { isComputing: what === 'computing', output: this.#output };
    try {
      await current.run(store, async () => work());
    } catch (error) {
      this.#failure = error ?? new Error(`${this.#section.name} was rejected`);
    }
    this.#ms += Date.now() - started;
  }

  #tell() {
    const failure = this.#failure;
    if (this.#output) {
      process.stdout.write(Buffer.concat([Buffer.from(`${this.#title}\n`), ...this.#output]));
    }
    if (failure instanceof StepError) printFailure(failure);
    else if (failure) console.error(failure.message);
    const { name } = this.#section;
    console.log(`=== ${name}: ${failure ? 'FAILED' : 'passed'}, ${duration(this.#ms)}`);
  }
}
