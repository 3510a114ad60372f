// Tells cheaply whether sources changed: names, sizes and modification times, nothing is read.
import fs from 'node:fs';
import path from 'node:path';
import { inProject, keyOf, outputDir } from './project.mjs';

/** Files below `folders` (of the project) whose name matches, as [path, size, mtime] in a stable order. */
export function listSources(folders, pattern) {
  const found = [];
  const visit = (relative) => {
    let entries;
    try {
      entries = fs.readdirSync(inProject(relative), { withFileTypes: true });
    } catch (error) {
      if (error.code === 'ENOENT') return;
      throw error;
    }
    for (const entry of entries) {
      const child = path.join(relative, entry.name);
      if (entry.isDirectory()) visit(child);
      else if (pattern.test(entry.name)) found.push(describe(child));
    }
  };
  for (const folder of folders) visit(folder);
  return found.sort(([a], [b]) => (a < b ? -1 : 1));
}

/** The same for single files; one that is missing counts as such. */
export const listFiles = (files) => files.map(describe);

function describe(relative) {
  const stat = fs.statSync(inProject(relative), { throwIfNoEntry: false });
  return [relative, stat?.size ?? -1, stat?.mtimeMs ?? -1];
}

/** Remembers what something was last built from. Lies beside the output, so it goes when that goes. */
export class Stamp {
  #file;

  constructor(name, folder = outputDir) {
    this.#file = path.join(folder, `.${name}.stamp`);
  }

  matches(value) {
    try {
      return fs.readFileSync(this.#file, 'utf8') === keyOf(value);
    } catch {
      return false;
    }
  }

  clear() {
    fs.rmSync(this.#file, { force: true });
  }

  write(value) {
    fs.mkdirSync(path.dirname(this.#file), { recursive: true });
    fs.writeFileSync(this.#file, keyOf(value));
  }
}
