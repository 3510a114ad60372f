// Forks a participant, and waits for its own end: node forks.mjs <arguments of app.mjs>
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const child = fork(fileURLToPath(new URL('app.mjs', import.meta.url)), process.argv.slice(2), {
  stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
});
child.stdout.on('data', (text) => {
  // Once everything flows.
  if (text.toString().includes('flows\n')) console.log(`child ${child.pid}\nflows`);
});
