import { Bridge } from './bridge.js';

/** Keeps the process alive while something is waited for. */
export async function awake(waiting: Promise<void>): Promise<void> {
  const bridge = Bridge.open();
  bridge.ref();
  try {
    await waiting;
  } finally {
    bridge.unref();
  }
}
