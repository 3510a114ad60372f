// Tests of Go's packages.
import { goEnv } from '../lib/go-env.mjs';
import { run, textOf } from '../lib/lanes.mjs';

export const go = (...args) => run('go', args, goEnv());

/** What computes more than it waits is tested first. */
const GO_COMPUTING = ['./internal/av', './internal/codec/...'];

/** Of one goroutine, and most of it in C: nothing that the race detector sees. The address sanitizer has them. */
const OF_C =
  'NoAllocationOfFFmpeg|KnownColours|InTheirOwnColours|LayersCanBeLeftOut|MissingIsConcealed';

/** In CI what passed before, with the same code, is tried again: it has an ffmpeg and a kernel of its own. */
const ANEW = process.env.CI ? ['-count=1'] : [];

/** The section lint has vetted it. */
const TEST = ['test', '-vet=off', ...ANEW];

const GO_TEST = [...TEST, '-race', '-timeout=20m', '-parallel=4', `-skip=${OF_C}`];

export async function compile() {
  await go(...GO_TEST, ...GO_COMPUTING);
  await list([...COMPILE, '-race', './...']);
}

export async function test() {
  const computed = await list(GO_COMPUTING);
  const others = (await list(['./...'])).filter((name) => !computed.includes(name));
  await go(...GO_TEST, ...others);
}

/** Lists packages, each with its tests compiled but not linked. */
const COMPILE = ['-test', '-export'];

const list = async (args, env = goEnv()) =>
  (await textOf('go', ['list', ...args], env)).split('\n').filter(Boolean);

/** Go's half of C's memory, and what FFmpeg copies: the libraries themselves are not instrumented. */
const sanitizedEnv = () => ({ ...goEnv(), CC: 'gcc', ASAN_OPTIONS: 'detect_leaks=0' });

const goUnderAddressSanitizer = (...args) => run('go', [...TEST, '-asan', ...args], sanitizedEnv());

export async function computeSanitized() {
  // What is freed is kept for a while, to be found out: nothing tells of memory that is left behind.
  await goUnderAddressSanitizer('-skip=NoMemoryBehind', ...GO_COMPUTING);
  await list([...COMPILE, '-asan', './internal/source'], sanitizedEnv());
}

export async function testSanitized() {
  const live = 'Drops|Stalls|EndsAtOnce|AfterAnOutage|AfterAStall';
  await goUnderAddressSanitizer(`-run=${live}`, '-parallel=8', './internal/source');
}
