// A measured process of its own: a forked script that is told what to do, may ask the room here, and answers once.
import { fork } from 'node:child_process';

/**
 * Runs `script` with `task`. `onRequest(method, data)` answers what it asks, `onNote(note)` hears what it tells.
 * Resolves to its result; rejects if it fails or takes longer than `limitMs`.
 */
export function runChild(script, task, { limitMs, env, execArgv = [], onRequest, onNote } = {}) {
  return new Promise((resolve, reject) => {
    const child = fork(script, [], {
      env: { ...process.env, ...env },
      execArgv,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    let outcome;
    const timer = setTimeout(() => {
      outcome ??= { error: `it did not end within ${limitMs} ms` };
      child.kill('SIGKILL');
    }, limitMs);
    const say = (message) => child.connected && child.send(message, () => {});

    child.on('message', (message) => {
      if ('request' in message) {
        const { request, method, data } = message;
        onRequest(method, data).then(
          (answer) => say({ request, answer }),
          (error) => say({ request, error: error.message }),
        );
      } else if ('note' in message) {
        onNote?.(message.note, child.pid, say);
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

/** The other side: runs `work(task, { request, note, told })` in the child and sends back what it returns. */
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
    note: (note) => process.send({ note }),
    /** Resolves when the parent says something that is no answer. */
    told: () => new Promise((resolve) => listeners.push(resolve)),
  };
  process.on('message', (message) => {
    if (message.task) {
      work(message.task, channel)
        .then(
          (result) => ({ result }),
          (error) => ({ error: error.stack }),
        )
        .then((outcome) => process.send(outcome, () => process.disconnect()));
    } else if (message.request) {
      const { resolve, reject } = waiting.get(message.request);
      waiting.delete(message.request);
      if (message.error) reject(new Error(message.error));
      else resolve(message.answer);
    } else {
      listeners.shift()?.(message);
    }
  });
}
