// The plain pion program: a process that speaks JSON lines on its standard input and output.
import { spawn } from 'node:child_process';
import readline from 'node:readline';
import { endWithThisProcess } from '../measure/processes.mjs';
import { goProgram } from '../peers/setup.mjs';

/** Runs it with `task`; `onRequest(method, data)` answers what it asks. */
export function runPion(task, { limitMs, onRequest }) {
  return new Promise((resolve, reject) => {
    const child = spawn(goProgram('pion-data'), [], { stdio: ['pipe', 'pipe', 'inherit'] });
    endWithThisProcess(child);
    let result;
    const timer = setTimeout(() => child.kill('SIGKILL'), limitMs);
    const say = (message) => child.stdin.write(`${JSON.stringify(message)}\n`);
    child.stdin.on('error', () => {});
    readline.createInterface({ input: child.stdout }).on('line', (line) => {
      const message = JSON.parse(line);
      if (message.result) {
        result = message.result;
        return;
      }
      onRequest(message.method, message.data).then(
        (answer) => say({ answer }),
        (error) => say({ error: error.message }),
      );
    });
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      if (result) resolve(result);
      else reject(new Error(`pion: ended with ${signal ?? code}`));
    });
    say(task);
  });
}
