// A measured process of its own: a forked script that is told what to do, may ask the room here, and answers once.
import { fork } from 'node:child_process';
import { onSenderCores } from './cores.mjs';
import { endWithThisProcess } from './processes.mjs';

/**
 * Runs `script` with `task`. `onRequest(method, data)` answers what it asks, `onNote(note, pid)` hears what it tells, and
 * what that resolves to is told back; `onMemory(usage, pid)` hears what clients/memory.mjs tells. With `pinned`, it has a core that the server does not use.
 * Resolves to its result; rejects if it fails or takes longer than `limitMs`.
 */
export function runChild(
  script,
  task,
  { limitMs, env, execArgv = [], pinned = false, onRequest, onNote, onMemory } = {},
) {
  return new Promise((resolve, reject) => {
    const [execPath, ...before] = pinned ? onSenderCores(process.execPath) : [process.execPath];
    const child = fork(script, [], {
      env: { ...process.env, ...env },
      execPath,
      execArgv: [...before, ...execArgv],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    endWithThisProcess(child);
    let outcome;
    const fail = (error) => {
      outcome ??= { error };
      child.kill('SIGKILL');
    };
    const timer = setTimeout(() => fail(`it did not end within ${limitMs} ms`), limitMs);
    const say = (message) => child.connected && child.send(message, () => {});

    child.on('message', (message) => {
      if ('request' in message) {
        const { request, method, data } = message;
        onRequest(method, data).then(
          (answer) => say({ request, answer }),
          (error) => say({ request, error: error.message }),
        );
      } else if ('note' in message) {
        Promise.resolve(onNote(message.note, child.pid)).then(
          (answer) => say({ told: answer ?? {} }),
          (error) => fail(error.stack),
        );
      } else if ('memory' in message) {
        onMemory(message.memory, child.pid);
      } else {
        outcome = message;
      }
    });
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      if (outcome?.result !== undefined) resolve(outcome.result);
      else reject(new Error(`${task.client}: ${outcome?.error ?? `ended with ${signal ?? code}`}`));
    });
    say({ task });
  });
}

/**
 * The other side: runs `work` in the child and sends back what it returns.
 * @param {(task: any, channel: {
 *   request: (method: string, data?: object) => Promise<any>,
 *   tell: (note: unknown) => Promise<any>,
 * }) => Promise<unknown>} work `tell` resolves to what the parent says to it
 */
export function serveChild(work) {
  const waiting = new Map();
  let last = 0;
  const listeners = [];
  const channel = {
    request(method, data) {
      const request = ++last;
      process.send({ request, method, data });
      return new Promise((resolve, reject) => waiting.set(request, { resolve, reject }));
    },
    tell(note) {
      process.send({ note });
      return new Promise((resolve) => listeners.push(resolve));
    },
  };
  let answered = false;
  process.on('disconnect', () => {
    // Nobody is there any more who would hear the answer.
    if (!answered) process.exit(1);
  });
  process.on('message', (message) => {
    if (message.task) {
      work(message.task, channel)
        .then(
          (result) => ({ result }),
          (error) => ({ error: error.stack }),
        )
        .then((outcome) => {
          answered = true;
          process.send(outcome, () => process.disconnect());
        });
    } else if (message.request) {
      const { resolve, reject } = waiting.get(message.request);
      waiting.delete(message.request);
      if (message.error) reject(new Error(message.error));
      else resolve(message.answer);
    } else {
      listeners.shift()(message.told);
    }
  });
}

/** Ends this process within a second: a library whose threads outlive its transports must not hold up the next. */
export function endSoon() {
  setTimeout(() => process.exit(), 1000).unref();
}
