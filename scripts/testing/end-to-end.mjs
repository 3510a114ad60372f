// Which of the end-to-end tests run on which server, with which Node.js.
import { say } from '../lib/lanes.mjs';
import { NEWEST, OLDEST, serverEnv, serverVersion } from '../lib/mediasoup-worker.mjs';
import { nodePrograms } from '../lib/node-versions.mjs';
import { duration } from '../lib/steps.mjs';
import { nodeTests } from './node.mjs';

/**
 * What depends on Node.js: values, buffers and promises that cross to the core and back, and how objects, threads and
 * processes end. What is on the wire does not: it is the core's, and the server's.
 */
const OF_NODE =
  /^(?:async-context|closing|data|death|dump|ended|lifecycle|media|states|stats|transports)\.test\.ts$/;
/** What is used most of it, on the versions between the lowest and the highest: the section everywhere has all. */
const OF_NODE_BETWEEN = /^(?:data|lifecycle|media)\.test\.ts$/;
const WAIST = /^(?:waist-.*|worker)\.test\.ts$/;

/** What is of this side alone, whatever the server: it is not repeated on the oldest one. */
const OF_THE_SERVER =
  /^(?!(?:death|dump|encoded-|ended|generator|lifecycle|metrics|quiet|reading|recording|scale|secrets|states)).*\.test\.ts$/;

const [lowestNode, ...higherNodes] = nodePrograms().sort((a, b) => a.major - b.major);

export const onTheNewest = () => endToEndOn(NEWEST, lowestNode);
export const onTheOldest = () => endToEndOn(OLDEST, lowestNode, OF_THE_SERVER);

export async function onEachNode() {
  const highest = higherNodes.at(-1);
  for (const node of higherNodes) {
    await endToEndOn(NEWEST, node, node === highest ? OF_NODE : OF_NODE_BETWEEN);
  }
  for (const node of [lowestNode, ...higherNodes]) await waistOn(node);
}

/** All of it on both servers with each Node.js line. */
export async function everywhere() {
  for (const server of [NEWEST, OLDEST]) {
    for (const node of [lowestNode, ...higherNodes]) await endToEndOn(server, node);
  }
}

/** The section of the units has run them on this one. */
async function waistOn({ program }) {
  if (program !== process.execPath) await nodeTests(program, 'test/unit', { pattern: WAIST });
}

async function endToEndOn(server, { major, program }, pattern) {
  const started = Date.now();
  say(`\n--- mediasoup ${serverVersion(server)}, Node.js ${major}`);
  // Most of theirs is waiting: a file takes a sixth of a processor.
  const options = { concurrency: 4, pattern, env: serverEnv(server) };
  await nodeTests(program, 'test/e2e', options);
  say(`--- ${duration(Date.now() - started)}`);
}
