// The program of bench/peers/limit: what encrypting and sending the same packets costs alone.
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { moveChildrenAside, onSenderCores } from '../measure/cores.mjs';
import { endWithThisProcess } from '../measure/processes.mjs';
import { framesOfClip } from '../peers/clip.mjs';
import { goProgram } from '../peers/setup.mjs';

const WARM_UP_SECONDS = 0.5;

/** Sends as `bots` would for some seconds, and gives what the program printed. */
export async function runLimit({ bots, seconds }) {
  const numbers = { bots, seconds, warm: WARM_UP_SECONDS };
  const args = Object.entries(numbers).flatMap(([name, value]) => [`-${name}`, String(value)]);
  const [program, ...rest] = onSenderCores(goProgram('limit'), ...args);
  const child = spawn(program, rest, { stdio: ['pipe', 'pipe', 'inherit'] });
  endWithThisProcess(child);
  const timer = setTimeout(() => child.kill('SIGKILL'), (seconds + 20) * 1000);
  // Its other process stands for the server. It is there some milliseconds after the first.
  const aside = setTimeout(() => moveChildrenAside(child.pid), 200);
  try {
    child.stdin.on('error', () => {});
    child.stdin.end(framesOfClip());
    return JSON.parse(await text(child.stdout));
  } finally {
    clearTimeout(timer);
    clearTimeout(aside);
  }
}
