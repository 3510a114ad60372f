// Tests of Go's packages.
import { goEnv } from '../lib/go-env.mjs';
import { run } from '../lib/lanes.mjs';

export const go = (...args) => run('go', args, goEnv());

/** What computes more than it waits is tested first; go takes the results of that. */
const GO_COMPUTING = ['./internal/av', './internal/codec/...'];

/** Of one goroutine, and most of it in C: nothing that the race detector sees. The address sanitizer has them. */
const OF_C =
  'NoAllocationOfFFmpeg|KnownColours|InTheirOwnColours|LayersCanBeLeftOut|MissingIsConcealed';

const GO_TEST = ['test', '-race', '-timeout=20m', '-parallel=4', `-skip=${OF_C}`];

export async function compile() {
  await go(...GO_TEST, ...GO_COMPUTING);
  await go(...GO_TEST, '-run=^$', './...');
}

export const test = () => go(...GO_TEST, './...');

/** Go's half of C's memory, and what FFmpeg copies: the libraries themselves are not instrumented. */
const goUnderAddressSanitizer = (...args) =>
  run('go', ['test', '-asan', ...args], { ...goEnv(), CC: 'gcc', ASAN_OPTIONS: 'detect_leaks=0' });

export async function computeSanitized() {
  // What is freed is kept for a while, to be found out: nothing tells of memory that is left behind.
  await goUnderAddressSanitizer('-skip=NoMemoryBehind', ...GO_COMPUTING);
  await goUnderAddressSanitizer('-run=^$', './internal/source');
}

export async function testSanitized() {
  const live = 'Drops|Stalls|EndsAtOnce|AfterAnOutage|AfterAStall';
  await goUnderAddressSanitizer(`-run=${live}`, '-parallel=8', './internal/source');
}
