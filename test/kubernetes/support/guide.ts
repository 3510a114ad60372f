// What docs/load-testing.md has a user write and type, with this machine's server, few pods and few bots.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import type { IJob } from 'kubernetes-models/batch/v1';
import type { IContainer } from 'kubernetes-models/v1';
import { parse, stringify } from 'yaml';
import { root } from '../../packages/support/tarballs.js';
import { ADDRESS } from './machine.js';

export const PODS = 3;
export const BOTS = 8;

const text = fs.readFileSync(path.join(root, 'docs', 'load-testing.md'), 'utf8');
const chapter = text.split('\n## On many machines\n')[1] ?? '';

function block(language: string): string {
  const found = new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\`$`, 'm').exec(chapter)?.[1];
  assert.ok(found, `the guide has no block of ${language}`);
  return found;
}

const lines = block('sh').trim().split('\n');

/** The line of the guide that begins so, as it is typed. */
export function typed(beginning: string): string {
  const found = lines.filter((line) => line.startsWith(beginning));
  assert.equal(found.length, 1, beginning);
  return String(found[0]);
}

/** Minutes are seconds, and what takes a processor each takes what there is. */
const OTHERS: Record<string, string | undefined> = {
  '--ramp': '1',
  '--duration': '15',
  '--metrics-wait': '1',
};

const jobFile = path.join(root, 'deploy', 'load-test', 'job.yaml');
export const job = parse(fs.readFileSync(jobFile, 'utf8')) as IJob;

type Kustomization = {
  images: { newName: string; newTag: string }[];
  patches: { patch: string }[];
};

const kustomization = parse(block('yaml')) as Kustomization;
const [image] = kustomization.images;
assert.ok(image);
export const imageName = `${image.newName}:${image.newTag}`;

const patch = parse(kustomization.patches[0]?.patch ?? '') as IJob;
assert.ok(patch.spec);
Object.assign(patch.spec, { completions: PODS, parallelism: PODS, maxFailedIndexes: PODS });
const [theirs] = patch.spec.template.spec?.containers ?? [];
assert.ok(theirs);
export const container: IContainer = theirs;
const env: Record<string, string> = {
  URL: `http://${ADDRESS}:8090/`,
  PODS: String(PODS),
  BOTS: String(BOTS),
};
container.env = (container.env ?? []).map(({ name }) => ({ name, value: String(env[name]) }));
const args = (job.spec?.template.spec?.containers[0]?.args ?? []).map((arg) => {
  const [name = ''] = arg.split('=');
  const other = OTHERS[name];
  return other === undefined ? arg : `${name}=${other}`;
});
container.args = args;
container.resources = { requests: { cpu: '100m' } };

/** my-load-test/kustomization.yaml, with arguments of its own. */
export function kustomizationFile(...more: string[]): string {
  const template = { spec: { containers: [{ ...container, args: [...args, ...more] }] } };
  const ours = { ...patch, spec: { ...patch.spec, template } };
  return stringify({ ...kustomization, patches: [{ patch: stringify(ours) }] });
}
