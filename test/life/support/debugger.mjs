// Pauses the main thread, as somebody at a breakpoint does, and resumes it.
import { once } from 'node:events';
import { Session } from 'node:inspector/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { workerData } from 'node:worker_threads';

const session = new Session();
session.connectToMainThread();
await session.post('Debugger.enable');
const paused = once(session, 'Debugger.paused');
await session.post('Debugger.pause');
await paused;
await sleep(workerData.milliseconds);
await session.post('Debugger.resume');
session.disconnect();
