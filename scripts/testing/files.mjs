// The files of a folder that tests and checks are of.
import fs from 'node:fs';
import { inProject } from '../lib/project.mjs';

export function filesIn(folder, pattern) {
  return fs
    .readdirSync(inProject(folder), { recursive: true })
    .filter((name) => pattern.test(name) && !name.includes('node_modules'))
    .map((name) => `${folder}/${name}`)
    .sort();
}
