// A participant in a process of its own, with everything at work, that ends in the way it is told:
//   node app.mjs <room url> <clip> <recording> <ending>
import { existsSync, statSync } from 'node:fs';
import { writeHeapSnapshot } from 'node:v8';
import { live } from './live.mjs';
import { signalling } from '../../../examples/signalling.mjs';

const [url, clip, recording, ending = 'waits'] = process.argv.slice(2);

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

const all = await live(signalling(url), { clip, recording });
// What it writes comes in pieces of a second or two.
while (!existsSync(recording) || statSync(recording).size < 4096) {
  await new Promise((resolve) => setTimeout(resolve, 50));
}
console.log('flows');
await endings[ending](all);
