#!/usr/bin/env node
// npm run load: a load test of the demo's server, which it starts on this machine. npm run load -- --help tells more.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { bootstrap } from './bootstrap.mjs';
import { inProject } from './lib/project.mjs';
import { printFailure } from './lib/steps.mjs';

const program = inProject('dist/cli.mjs');

async function main(args) {
  await bootstrap({ for: 'demo', quiet: true });
  if (args.includes('--help') || args.includes('-h')) {
    console.log('npm run load -- [options of load but the URL] starts a server for it:\n');
    process.exitCode = await runLoad(['--help']);
    return;
  }
  // Nothing of this could be imported before the set-up.
  const { fixturePath } = await import('./lib/fixtures.mjs');
  const { createRoom } = await import('../test/e2e/support/room.mjs');
  const { serveBots } = await import('../demo/server/serve-bots.mjs');
  const room = await createRoom();
  const served = await serveBots({ room, host: '127.0.0.1' });
  try {
    const file = args.includes('--file') ? [] : ['--file', fixturePath('bars-440hz.mp4')];
    process.exitCode = await runLoad([served.url, ...file, ...args]);
  } finally {
    await served.close();
    await room.close();
  }
}

/** Signals of a terminal come to both: the program ends by them, and this after it. */
async function runLoad(args) {
  const child = spawn(process.execPath, [program, 'load', ...args], { stdio: 'inherit' });
  const pass = (signal) => child.kill(signal);
  const ignore = () => {};
  process.on('SIGTERM', pass);
  process.on('SIGINT', ignore);
  const [status] = await once(child, 'exit');
  process.off('SIGTERM', pass);
  process.off('SIGINT', ignore);
  return status ?? 1;
}

main(process.argv.slice(2)).catch((error) => {
  printFailure(error);
  process.exitCode = 1;
});
