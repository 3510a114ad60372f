// An app that closes nothing and calls process.exit() with its media flowing; or closes, and ends by itself.
import { live } from './life.mjs';

console.log(JSON.stringify(await live()));
if (process.env.KEEPS_OPEN) process.exit(7);
