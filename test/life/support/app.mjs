// A participant in a process of its own, with everything at work, that ends in the way it is told:
//   node app.mjs <room url> <clip> <recording> <ending>
import { execFile, fork, spawn } from 'node:child_process';
import cluster from 'node:cluster';
import { once } from 'node:events';
import { existsSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { writeHeapSnapshot } from 'node:v8';
import { Worker } from 'node:worker_threads';
import { live } from './live.mjs';
import { receiveNumbers } from './numbers.mjs';
import { signalling } from '../../../examples/signalling.mjs';

const [url, clip, recording, ending = 'waits'] = process.argv.slice(2);
const self = fileURLToPath(import.meta.url);

const PAUSE_MS = 5000;
/** More than sound, pictures and messages of a pause may wait in. */
const MOST_GROWN = 64e6;

/** What it goes through without a loss: `pause` resolves after the JavaScript thread stood still. */
async function standStill(pause, { peer, flows, close }) {
  const numbers = await receiveNumbers(peer, url);
  await numbers.some(20);
  const before = process.memoryUsage.rss();
  await pause();
  const grown = process.memoryUsage.rss() - before;
  if (grown > MOST_GROWN) throw new Error(`${grown} bytes more`);
  await numbers.some(20);
  await flows();
  await numbers.end();
  await close();
  // The thread that sends.
  process.exit();
}

/** Another process with everything at work, to its end. */
async function ended(child) {
  const [code, signal] = await once(child, 'exit');
  if (code !== 0) throw new Error(`a child ended with ${code ?? signal}`);
}

/** What it does once everything flows. */
const endings = {
  /** For a signal. */
  waits: () => setInterval(() => undefined, 60_000),
  async closes({ close }) {
    await close();
  },
  exits: () => process.exit(3),
  exitsInAListener: ({ echo }) => echo.on('message', () => process.exit(3)),
  /** Within what the core calls, and with more on its way. */
  exitsWhileItCloses(all) {
    void all.close();
    setTimeout(() => process.exit(3), 5);
  },
  usesItInItsLastMoment({ worker, chat, producers }) {
    process.on('exit', () => {
      worker.getMetrics();
      chat.send('the last');
      producers[0].close();
      worker.close();
    });
    process.exit(3);
  },
  throws() {
    setTimeout(() => {
      throw new Error('deliberate');
    });
  },
  throwsInAListener() {
    process.once('SIGUSR2', () => {
      throw new Error('deliberate');
    });
    process.kill(process.pid, 'SIGUSR2');
  },
  rejects() {
    void Promise.reject(new Error('deliberate'));
  },
  livesOnAfterAnError({ flows, close }) {
    process.once('uncaughtException', async () => {
      await flows();
      await close();
    });
    setTimeout(() => {
      throw new Error('deliberate');
    });
  },
  aborts: () => process.abort(),
  async isPausedByADebugger(all) {
    const debug = async () => {
      const thread = new Worker(new URL('debugger.mjs', import.meta.url), {
        workerData: { milliseconds: PAUSE_MS },
      });
      await once(thread, 'exit');
    };
    await standStill(debug, all);
  },
  async isStopped(all) {
    const stop = async () => {
      const seconds = String(PAUSE_MS / 1000);
      spawn('sh', ['-c', 'sleep $1; kill -CONT $0', String(process.pid), seconds]);
      const goesOn = once(process, 'SIGCONT');
      process.kill(process.pid, 'SIGSTOP');
      await goesOn;
    };
    await standStill(stop, all);
  },
  async startsPrograms({ flows, close }) {
    const { length } = await filesOfAProgram();
    if (length !== inherited.length) throw new Error(`${length} files, not ${inherited.length}`);
    await flows();
    await close();
  },
  async forks({ flows, close }) {
    await ended(fork(self, [url, clip, `${recording}.fork.webm`, 'closes']));
    await flows();
    await close();
  },
  async isThePrimaryOfACluster({ flows, close }) {
    cluster.setupPrimary({ exec: self, args: [url, clip, `${recording}.cluster.webm`, 'leaves'] });
    await ended(cluster.fork().process);
    await flows();
    await close();
  },
  /** As a member of a cluster does, which its primary keeps alive. */
  async leaves({ close }) {
    await close();
    process.disconnect();
  },
  async endsWithItsParent({ close }) {
    await once(process, 'disconnect');
    await close();
  },
  async changesItsFolderAndItsUser({ flows, close }) {
    process.chdir('/');
    if (process.getuid() === 0) {
      process.setgroups([]);
      process.setgid(65534);
      process.setuid(65534);
    }
    await flows();
    await close();
  },
  /** Media goes on while the thread that asks for it stands still. */
  async writesAHeapSnapshot({ flows, close }) {
    writeHeapSnapshot(`${recording}.heapsnapshot`);
    await flows();
    await close();
  },
  async writesAReport({ flows, close }) {
    process.report.writeReport(`${recording}.json`);
    await flows();
    await close();
  },
};

/** What a program that is started has open: some may be of who started this one. */
async function filesOfAProgram() {
  const { stdout } = await promisify(execFile)('ls', ['/proc/self/fd']);
  return stdout.trim().split(/\s+/);
}

// Only who asks for it starts a program before everything else.
const inherited = ending === 'startsPrograms' ? await filesOfAProgram() : [];
const all = await live(signalling(url), { clip, recording });
// What it writes comes in pieces of a second or two.
while (!existsSync(recording) || statSync(recording).size < 4096) {
  await new Promise((resolve) => setTimeout(resolve, 50));
}
console.log('flows');
await endings[ending](all);
