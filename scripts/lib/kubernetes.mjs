// Kubernetes for tests, compiled from its module: Debian's is too old, and what kubeadm fetches is not everywhere to be had.
import fs from 'node:fs';
import path from 'node:path';
import { artefactDir, buildArtefact, isComplete } from './artefact.mjs';
import { run } from './process.mjs';
import { inProject, keyOf, logDir } from './project.mjs';

const module = inProject('scripts/kubernetes');

/** The folder of its programs. */
export const kubernetesDir = artefactDir(
  'kubernetes',
  keyOf([process.arch, fs.readFileSync(path.join(module, 'go.mod'), 'utf8')]),
);

export const kubernetesStep = () => ({
  name: 'Kubernetes',
  expectedSeconds: 900,
  current: () => isComplete(kubernetesDir),
  async run() {
    const log = path.join(logDir, 'kubernetes.log');
    fs.rmSync(log, { force: true });
    await buildArtefact(kubernetesDir, (temporary) =>
      run('go', ['build', '-trimpath', '-ldflags=-s -w', '-o', temporary, 'tool'], {
        cwd: module,
        env: { ...process.env, CGO_ENABLED: '0' },
        log,
      }),
    );
  },
});
