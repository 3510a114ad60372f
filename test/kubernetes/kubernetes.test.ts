// docs/load-testing.md on many machines: the image that it has built runs as the pods of its Job, and their logs make one report.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { IJob } from 'kubernetes-models/batch/v1';
import type { IPodList } from 'kubernetes-models/v1';
import { stringify } from 'yaml';
import type { Summary } from '../../lib/cli/load/summary.js';
import { packagesStep } from '../../scripts/lib/apt.mjs';
import { kubernetesStep } from '../../scripts/lib/kubernetes.mjs';
import { nodeRoot, nodeRootStep } from '../../scripts/lib/node-root.mjs';
import { nodeVersionsStep } from '../../scripts/lib/node-versions.mjs';
import { packageManagersStep } from '../../scripts/lib/package-managers.mjs';
import { runSteps } from '../../scripts/lib/steps.mjs';
import { until } from '../e2e/session.js';
import { Project } from '../packages/support/project.js';
import { openRegistry } from '../packages/support/registry.js';
import type { Registry } from '../packages/support/registry.js';
import { root, tarballs } from '../packages/support/tarballs.js';
import { startCluster } from './support/cluster.js';
import { Engine } from './support/engine.js';
import {
  BOTS,
  PODS,
  container,
  imageName,
  job,
  kustomizationFile,
  typed,
} from './support/guide.js';
import { ADDRESS, Machine } from './support/machine.js';
import { Prometheus } from './support/prometheus.js';
import type { Series } from './support/prometheus.js';

/** Of Grafana, what is asked of Prometheus. */
type Dashboard = { panels: { targets: { expr: string; legendFormat: string }[] }[] };

describe('the load test of the guide', () => {
  let machine: Machine;
  let engine: Engine;
  let packages: Registry;
  /** Of a user, who has the package installed. */
  let user: Project;

  before(async () => {
    await runSteps(
      [
        packagesStep('containers'),
        packagesStep('package'),
        nodeVersionsStep(),
        packageManagersStep(),
        nodeRootStep(),
        kubernetesStep(),
      ],
      { quiet: true },
    );
    const { main, native } = tarballs();
    packages = await openRegistry([main, native]);
    user = new Project(packages.url);
    await user.manage('npm', 'install', main);
    fs.cpSync(path.join(root, 'deploy'), path.join(user.folder, 'deploy'), { recursive: true });

    fs.mkdirSync(path.join(user.folder, 'my-load-test'));
    user.write('my-load-test/kustomization.yaml', kustomizationFile());

    machine = await Machine.open();
    engine = await Engine.open(machine, {
      name: 'docker.io/library/node:22-bookworm-slim',
      root: nodeRoot,
      npmRegistry: packages.url,
    });
    await machine.fork(new URL('./support/server.mjs', import.meta.url), [ADDRESS]);
    const cwd = user.folder;
    await engine.type(typed('podman build'), { cwd, network: 'outer' });
    await engine.type(typed('podman push'), { cwd });
    // What runs comes from the registry.
    await engine.type('podman rmi --all --force');
  });

  after(async () => {
    await machine.close();
    user.remove();
    await packages.close();
  });

  /** The collector's report is of all pods and all bots. */
  async function assertCollected(): Promise<void> {
    const line = typed('npx').replace('join.p95<=500', `joined>=${BOTS}`);
    const { code, stdout, stderr } = await user.run('sh', ['-ec', line], {
      PATH: `${path.dirname(process.execPath)}:/usr/bin:/bin`,
    });
    assert.equal(code, 0, stdout + stderr);
    const report = fs.readFileSync(path.join(user.folder, 'report.html'), 'utf8');
    assert.match(report, new RegExp(`${BOTS} of ${BOTS} bots joined[^]*${PODS} of ${PODS} pods`));
    const summary = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Summary;
    assert.deepEqual(summary.pods, { of: PODS, seen: [0, 1, 2] });
    assert.equal(summary.counts.joined, BOTS);
  }

  it('runs as pods, each with its index', async () => {
    const template = job.spec?.template;
    const names = Array.from({ length: PODS }, (_, index) => `load-test-${index}`);
    const pods = names.map((name, index) => {
      const [theirs] = template?.spec?.containers ?? [];
      const env = [
        ...(container.env ?? []),
        { name: 'JOB_COMPLETION_INDEX', value: String(index) },
      ];
      const replaced = (container.args ?? []).map((arg) =>
        arg.replace(
          /\$\((\w+)\)/g,
          (_, variable) => env.find((one) => one.name === variable)?.value ?? '',
        ),
      );
      const spec = {
        ...template?.spec,
        // Podman replaces no names in arguments, and has ports of pods on its host, where they are one of each.
        containers: [{ ...theirs, ...container, image: imageName, env, args: replaced, ports: [] }],
      };
      const metadata = { ...template?.metadata, name };
      return stringify({ apiVersion: 'v1', kind: 'Pod', metadata, spec });
    });
    const file = machine.write('pods.yaml', pods.join('---\n'));
    await engine.type(`podman play kube --network podman ${file}`);
    const containers = names.map((name) => `${name}-load`);
    const statuses = await engine.type(`podman wait ${containers.join(' ')}`);
    // Each line with its pod, as kubectl tells.
    const logs = await Promise.all(
      names.map((name) =>
        engine.type(`podman logs ${name}-load 2>&1 | sed 's|^|[pod/${name}/load] |'`),
      ),
    );
    fs.writeFileSync(path.join(user.folder, 'pods.log'), logs.join(''));
    assert.deepEqual(statuses.trim().split('\n'), ['0', '0', '0'], logs.join('\n'));
    await engine.type(`podman play kube --down ${file}`);

    await assertCollected();
  });

  /** Types the guide's lines for the Job, up to those that tell what became of it. */
  async function runJob(type: (line: string) => Promise<string>): Promise<IJob['status']> {
    await type(typed('kubectl apply'));
    // The limit of the guide is that of this file.
    await type(typed('kubectl wait').replace('20m', '5m')).catch(async (error: unknown) => {
      const pods = await type('kubectl describe pods');
      assert.fail(`${String(error)}\n${pods}\n${machine.logs()}`);
    });
    await type(typed('kubectl logs'));
    return (JSON.parse(await type('kubectl get job load-test --output=json')) as IJob).status;
  }

  /** Every panel of the dashboard has something to show, by the names of its legend. */
  async function assertShown(prometheus: Prometheus): Promise<void> {
    const file = path.join(root, 'deploy', 'load-test', 'dashboard.json');
    const { panels } = JSON.parse(fs.readFileSync(file, 'utf8')) as Dashboard;
    const shown = new Map<string, Series[]>();
    for (const { expr, legendFormat } of panels.flatMap(({ targets }) => targets)) {
      const all = await prometheus.ask(expr);
      assert.ok(all.length > 0, `${expr}: nothing\n${machine.logs()}`);
      for (const { labels, values } of all) {
        assert.ok(values.every(Number.isFinite), expr);
        for (const [, name = ''] of legendFormat.matchAll(/\{\{(\w+)\}\}/g)) {
          assert.ok(labels[name], `${expr} has no ${name}`);
        }
      }
      shown.set(expr, all);
    }
    const most = (expr: string, holds: (labels: Series['labels']) => boolean) =>
      Math.max(
        ...(shown.get(expr) ?? [])
          .filter(({ labels }) => holds(labels))
          .flatMap(({ values }) => values),
      );
    const bots = 'sum by (state) (mediasoup_client_pion_load_bots)';
    assert.equal(
      most(bots, ({ state }) => state === 'joined'),
      BOTS,
    );
    assert.ok(most('sum(mediasoup_client_pion_load_received_kbits) * 1000', () => true) > 0);
    const indexes = shown
      .get('sum by (pod_index) (mediasoup_client_pion_load_cores)')
      ?.map(({ labels }) => labels['pod_index']);
    assert.deepEqual(indexes?.toSorted(), ['0', '1', '2']);
  }

  it('is a Job of a cluster, whose pods it completes', async (t) => {
    const env = await startCluster(machine);
    const type = (line: string) => engine.type(line, { env, cwd: user.folder });
    const prometheus = await Prometheus.start(
      machine,
      async () => JSON.parse(await type('kubectl get pods --output=json')) as IPodList,
    );
    t.after(() => prometheus.close());
    const told = () => fs.readFileSync(path.join(user.folder, 'pods.log'), 'utf8');
    const whole = await runJob(type);
    assert.deepEqual([whole?.succeeded, whole?.completedIndexes], [PODS, '0-2'], told());
    await assertCollected();
    await prometheus.close();
    await assertShown(prometheus);
    await type(typed('kubectl delete'));
    // The Job is gone before its pods are.
    await until('no pods', async () => (await type('kubectl get pods --output=name')) === '');

    // Of 8 bots the first of 3 pods has 2, too few for it, which is no matter to the others.
    user.write('my-load-test/kustomization.yaml', kustomizationFile('--threshold=joined>=3'));
    const broken = await runJob(type);
    const { completedIndexes, failedIndexes, failed } = broken ?? {};
    assert.deepEqual([completedIndexes, failedIndexes, failed], ['1,2', '0', 1], told());
    assert.match(await type(typed('kubectl get pods')), /^load-test-0-\w+ .* Error /m);
    await assertCollected();
    await type(typed('kubectl delete'));
  });
});
