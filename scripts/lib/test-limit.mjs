// Loaded into each test file: one that does not end tells what it still has, instead of holding up all others for ever.
// Node.js has --test-timeout, which limits files in some versions, single tests in others, and tells neither.
import { getActiveResourcesInfo } from 'node:process';

const LIMIT_MINUTES = 20;

// The runner itself has no such variable, and what a test starts has its own limits.
if (process.env.NODE_TEST_CONTEXT && process.argv[1]?.endsWith('.test.ts')) {
  setTimeout(() => {
    const held = getActiveResourcesInfo().join(', ');
    console.error(`not at its end within ${LIMIT_MINUTES} minutes; it still has: ${held}`);
    process.exit(1);
  }, LIMIT_MINUTES * 60_000).unref();
}
