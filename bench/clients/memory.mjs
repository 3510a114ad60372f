// Loaded into a client with --import: tells what memory it has, of what is still used.
const EVERY_MS = 5000;

setInterval(() => {
  globalThis.gc();
  if (process.connected) process.send({ memory: process.memoryUsage() }, () => {});
}, EVERY_MS).unref();
