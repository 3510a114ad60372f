// One set-up run at a time: a second waits and says so; a lock whose owner died is taken over.
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** Start time of a process in kernel ticks: tells a reused pid from the one that took the lock. */
function startTime(pid) {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

function isAlive({ pid, started }) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (error.code === 'ESRCH') return false;
  }
  const now = startTime(pid);
  return started === undefined || now === undefined || started === now;
}

function readOwner(file) {
  try {
    const text = fs.readFileSync(file, 'utf8');
    const owner = JSON.parse(text);
    return { ...owner, text };
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    // Unreadable content: a writer that died, as the lock appears with its content already in it.
    return { pid: undefined, text: undefined };
  }
}

/** The lock appears whole or not at all: a link of a finished file fails if the name is taken. */
function tryTake(file, text) {
  const draft = `${file}.${process.pid}`;
  fs.writeFileSync(draft, text);
  try {
    fs.linkSync(draft, file);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  } finally {
    fs.rmSync(draft, { force: true });
  }
}

/** Moves a dead owner's lock away. Only the one process that holds `.takeover` may do so. */
function removeStale(file, stale) {
  const guard = `${file}.takeover`;
  try {
    fs.closeSync(fs.openSync(guard, 'wx'));
  } catch {
    const age = Date.now() - (fs.statSync(guard, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (age > 10_000) fs.rmSync(guard, { force: true });
    return;
  }
  try {
    if (readOwner(file)?.text === stale.text) fs.rmSync(file, { force: true });
  } finally {
    fs.rmSync(guard, { force: true });
  }
}

export async function acquireLock(file, { quiet = false } = {}) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const text = JSON.stringify({
    pid: process.pid,
    started: startTime(process.pid),
    since: new Date().toISOString(),
  });

  let told = false;
  while (!tryTake(file, text)) {
    const owner = readOwner(file);
    if (!owner) continue;
    if (owner.pid === undefined || !isAlive(owner)) {
      removeStale(file, owner);
      continue;
    }
    if (!told && !quiet) {
      console.log(
        `Another set-up run (process ${owner.pid}) is at work since ${owner.since}: waiting for it.`,
      );
    }
    told = true;
    await delay(300);
  }

  const release = () => {
    process.off('exit', release);
    for (const [signal, handler] of onSignals) process.off(signal, handler);
    if (readOwner(file)?.text === text) fs.rmSync(file, { force: true });
  };
  const onSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'].map((signal) => [
    signal,
    // Leaving through process.exit() runs the exit handlers: this one, and the one that ends children.
    () => process.exit(signal === 'SIGINT' ? 130 : 143),
  ]);
  for (const [signal, handler] of onSignals) process.on(signal, handler);
  process.on('exit', release);
  return { release };
}
