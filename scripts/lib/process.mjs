// Runs commands: output into a log file, each line to the progress line, nothing left running behind us.
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

export class CommandError extends Error {
  name = 'CommandError';

  constructor(message, log, tail) {
    super(message);
    this.log = log;
    this.tail = tail;
  }
}

const children = new Set();

process.once('exit', () => {
  for (const child of children) child.kill('SIGTERM');
});

function shown(command, args) {
  const text = [command, ...args].join(' ');
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

/** Runs a command to its end. Everything that it prints is appended to `log`. */
export function run(command, args, { cwd, env, log, onLine, input } = {}) {
  fs.mkdirSync(path.dirname(log), { recursive: true });
  const file = fs.openSync(log, 'a');
  fs.writeSync(file, `\n$ ${[command, ...args].join(' ')}\n`);

  return new Promise((resolve, reject) => {
    const tail = [];
    let rest = '';
    const child = spawn(command, args, {
      cwd,
      env: env ?? process.env,
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    });
    children.add(child);
    if (input !== undefined) child.stdin.end(input);

    const take = (chunk) => {
      fs.writeSync(file, chunk);
      const lines = (rest + chunk.toString()).split(/\r?\n|\r/);
      rest = lines.pop();
      for (const line of lines) {
        tail.push(line);
        if (tail.length > 30) tail.shift();
        onLine?.(line);
      }
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);

    const fail = (why) => {
      if (rest) tail.push(rest);
      reject(new CommandError(`${shown(command, args)}: ${why}`, log, tail));
    };
    child.once('error', (error) => {
      children.delete(child);
      fs.closeSync(file);
      fail(error.code === 'ENOENT' ? 'no such program' : error.message);
    });
    child.once('close', (code, signal) => {
      if (!children.delete(child)) return;
      fs.closeSync(file);
      if (code === 0) resolve();
      else fail(signal ? `ended by ${signal}` : `exit status ${code}`);
    });
  });
}

/** The trimmed output of a quick command, or undefined if it failed or isn't there. */
export function capture(command, args, options = {}) {
  const result = spawnSync(command, args, { encoding: 'utf8', ...options });
  return result.status === 0 ? result.stdout.trim() : undefined;
}
