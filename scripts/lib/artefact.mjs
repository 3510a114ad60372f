// Built things in the cache: one folder each, named by a key, whole or not there at all.
import fs from 'node:fs';
import path from 'node:path';
import { inCache } from './project.mjs';

const MARKER = 'complete';

export function artefactDir(name, key) {
  return inCache(`${name}-${key}`);
}

export function isComplete(dir) {
  return fs.existsSync(path.join(dir, MARKER));
}

/**
 * Fills a folder beside `dir`, marks it complete, then renames it into place. A killed build leaves only a
 * temporary folder, which the next build of the same artefact removes.
 */
export async function buildArtefact(dir, fill) {
  const parent = path.dirname(dir);
  fs.mkdirSync(parent, { recursive: true });
  for (const entry of fs.readdirSync(parent)) {
    if (entry.startsWith(`${path.basename(dir)}.tmp-`)) {
      fs.rmSync(path.join(parent, entry), { recursive: true, force: true });
    }
  }
  const temporary = fs.mkdtempSync(`${dir}.tmp-`);
  fs.chmodSync(temporary, 0o755);
  try {
    await fill(temporary);
    fs.writeFileSync(path.join(temporary, MARKER), '');
    fs.rmSync(dir, { recursive: true, force: true });
    fs.renameSync(temporary, dir);
  } finally {
    fs.rmSync(temporary, { recursive: true, force: true });
  }
}
