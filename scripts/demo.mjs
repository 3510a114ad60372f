#!/usr/bin/env node
// Sends a file through a real mediasoup server and receives it back, and shows what passes.
import { bootstrap } from './bootstrap.mjs';
import { HELP, OptionError, readOptions } from './demo/options.mjs';
import { printFailure } from './lib/steps.mjs';

async function main() {
  const options = readOptions(process.argv.slice(2));
  if (options.help) {
    console.log(HELP);
    return;
  }
  try {
    // Only the tests and the screenshots need a browser on this machine.
    await bootstrap({ for: options.screenshots ? 'test' : 'demo' });
  } catch (error) {
    printFailure(error);
    process.exitCode = 1;
    return;
  }
  // Nothing of this could be imported before the set-up.
  const { createFactory } = await import('../dist/index.mjs');
  const { fixturePath } = await import('./lib/fixtures.mjs');
  const { runDemo } = await import('./demo/run.mjs');
  options.file ??= fixturePath('bars-440hz.mp4');
  if (options.screenshots) {
    const { takeScreenshots } = await import('./demo/screenshots.mjs');
    await takeScreenshots(options, { createFactory });
    return;
  }
  await runDemo(options, { createFactory });
}

main().catch((error) => {
  process.exitCode = error instanceof OptionError ? 2 : 1;
  console.error(`\n${error.message}`);
  if (error.cure) console.error(`What to do: ${error.cure}`);
  if (process.env.DEBUG) console.error(error.stack);
});
