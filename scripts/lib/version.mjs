// The one version number: package.json's. Everything that tells a version has it from here.
import fs from 'node:fs';
import { inProject } from './project.mjs';

export function version() {
  return JSON.parse(fs.readFileSync(inProject('package.json'), 'utf8')).version;
}
