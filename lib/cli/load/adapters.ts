// How bots join: what the package has, and modules of the user's.
import { pathToFileURL } from 'node:url';
import type { LoadAdapter } from '../../LoadAdapter.js';
import { demo } from './demoAdapter.js';
import { protoo } from './protooAdapter.js';

/** @throws Error that says what is wrong with the module. */
export async function loadAdapter(name: string): Promise<LoadAdapter> {
  if (name === 'demo') return demo;
  if (name === 'protoo') return protoo;
  const module = (await import(pathToFileURL(name).href)) as { default?: unknown };
  // CommonJS compiled from an ES module has its default export within.
  const found = [module.default, (module.default as { default?: unknown } | undefined)?.default];
  const adapter = found.find(isAdapter);
  if (!adapter) throw new Error(`${name}: its default export has no method join()`);
  return adapter;
}

function isAdapter(value: unknown): value is LoadAdapter {
  return typeof (value as Partial<LoadAdapter> | undefined)?.join === 'function';
}
