// What is in deploy/load-test is what Kubernetes, Prometheus and Grafana take, and agrees with the command.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { Job } from 'kubernetes-models/batch/v1';
import type { IJob } from 'kubernetes-models/batch/v1';
import ts from 'typescript';
import { parse, parseAllDocuments } from 'yaml';
import { readOptions } from '../../lib/cli/load/options.js';

const root = path.resolve(import.meta.dirname, '../..');
const folder = path.join(root, 'deploy', 'load-test');
const read = (name: string) => fs.readFileSync(path.join(folder, name), 'utf8');
const manifest = (name: string) => parse(read(name)) as IJob;

/** Names that a Job does not have: the validator lets them pass, the types do not. */
function unknownNames(job: object): string[] {
  const file = path.join(import.meta.dirname, 'job.ts');
  const text = `import type { IJob } from 'kubernetes-models/batch/v1';\nexport const job: IJob = ${JSON.stringify(job)};\n`;
  const options: ts.CompilerOptions = {
    ...{ strict: true, noEmit: true, skipLibCheck: true, types: [] },
    ...{ module: ts.ModuleKind.NodeNext, target: ts.ScriptTarget.ES2022 },
  };
  const host = ts.createCompilerHost(options);
  const usual = { ...host };
  host.fileExists = (name) => name === file || usual.fileExists(name);
  host.getSourceFile = (name, ...rest) =>
    name === file
      ? ts.createSourceFile(name, text, {
          languageVersion: ts.ScriptTarget.ES2022,
          impliedNodeFormat: ts.ModuleKind.ESNext,
        })
      : usual.getSourceFile(name, ...rest);
  const program = ts.createProgram([file], options, host);
  return ts
    .getPreEmitDiagnostics(program)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}

const job = manifest('job.yaml');
const pod = job.spec?.template.spec;
const [container] = pod?.containers ?? [];
const env = new Map((container?.env ?? []).map(({ name, value }) => [name, value]));
/** As the kubelet gives it to the program. */
const args = (container?.args ?? []).map((arg) =>
  arg.replace(/\$\((\w+)\)/g, (_, name: string) => env.get(name) ?? ''),
);

describe('the Job', () => {
  it('is one, by the schema of its version', () => {
    new Job(job).validate();
    assert.deepEqual(unknownNames(job), []);
    const spec = { ...job.spec, completions: '4' } as unknown as NonNullable<IJob['spec']>;
    assert.throws(() => {
      new Job({ ...job, spec }).validate();
    }, /completions must be integer/);
    const wrong = structuredClone(job) as { spec: { template: { spec: object } } };
    Object.assign(wrong.spec.template.spec, { restartPolice: 'Never' });
    assert.match(unknownNames(wrong).join(), /restartPolice/);
  });

  it('gives each pod its share of the bots', () => {
    const { completionMode, completions = 0, parallelism, maxFailedIndexes } = job.spec ?? {};
    assert.equal(completionMode, 'Indexed');
    assert.deepEqual(
      [parallelism, maxFailedIndexes, env.get('PODS')],
      [completions, completions, String(completions)],
    );
    const shares = Array.from({ length: completions }, (_, index) =>
      readOptions(args, { JOB_COMPLETION_INDEX: String(index) }),
    );
    assert.deepEqual(
      shares.map(({ own }) => own.to - own.from),
      Array.from({ length: completions }, () => Number(env.get('BOTS')) / completions),
    );
  });

  it('is scraped where its metrics are, and ended with time for the last of them', () => {
    const { metricsPort, metricsWait } = readOptions(args, { JOB_COMPLETION_INDEX: '0' });
    const [port] = container?.ports ?? [];
    assert.equal(port?.containerPort, metricsPort);
    const annotations = job.spec?.template.metadata?.annotations ?? {};
    assert.equal(annotations['prometheus.io/port'], String(metricsPort));
    assert.ok((pod?.terminationGracePeriodSeconds ?? 0) > metricsWait);
    const monitor = read('prometheus-operator/podmonitor.yaml');
    const { spec } = parse(monitor) as {
      spec: { selector: { matchLabels: object }; podMetricsEndpoints: { port: string }[] };
    };
    assert.deepEqual(spec.selector.matchLabels, job.spec?.template.metadata?.labels);
    assert.equal(spec.podMetricsEndpoints[0]?.port, port?.name);
  });
});

it('the Kustomization has what is there', (t) => {
  const { resources, configMapGenerator } = parse(read('kustomization.yaml')) as {
    resources: string[];
    configMapGenerator: { files: string[] }[];
  };
  for (const name of [...resources, ...configMapGenerator.flatMap(({ files }) => files)])
    read(name);
  const { status, stdout, error } = spawnSync('kubectl', ['kustomize', folder], {
    encoding: 'utf8',
  });
  if (error) {
    t.diagnostic('there is no kubectl here that would build it');
    return;
  }
  assert.equal(status, 0);
  assert.match(stdout, /kind: ConfigMap[^]*kind: Job/);
});

it("the guide's Kustomization makes a Job of other pods, bots and image", (t) => {
  const guide = fs.readFileSync(path.join(root, 'docs', 'load-testing.md'), 'utf8');
  const text = /```yaml\n([^]*?)```/.exec(guide.split('## On many machines')[1] ?? '')?.[1] ?? '';
  const { images, patches } = parse(text) as {
    images: { name: string; newName: string; newTag: string }[];
    patches: { patch: string }[];
  };
  const { metadata, spec } = parse(patches[0]?.patch ?? '') as IJob;
  const [theirs] = spec?.template.spec?.containers ?? [];
  const values = new Map((theirs?.env ?? []).map(({ name, value }) => [name, value]));
  // Kustomize knows by the names what is meant.
  assert.deepEqual([metadata?.name, theirs?.name], [job.metadata?.name, container?.name]);
  assert.deepEqual([...values.keys()].toSorted(), [...env.keys()].toSorted());
  assert.equal(container?.image?.split(':')[0], images[0]?.name);
  const { completions, parallelism, maxFailedIndexes } = spec ?? {};
  assert.deepEqual(
    [parallelism, maxFailedIndexes, values.get('PODS')],
    [completions, completions, String(completions)],
  );
  const image = `${images[0]?.newName ?? ''}:${images[0]?.newTag ?? ''}`;
  assert.ok(
    guide.includes(`podman build -t ${image} `) && guide.includes(`podman push ${image}\n`),
  );

  const clone = fs.mkdtempSync(path.join(os.tmpdir(), 'manifests-'));
  t.after(() => fs.rmSync(clone, { recursive: true }));
  fs.cpSync(folder, path.join(clone, 'deploy', 'load-test'), { recursive: true });
  const own = path.join(clone, 'my-load-test');
  fs.mkdirSync(own);
  fs.writeFileSync(path.join(own, 'kustomization.yaml'), text);
  const { status, stdout, error } = spawnSync('kubectl', ['kustomize', own], { encoding: 'utf8' });
  if (error) {
    t.diagnostic('there is no kubectl here that would build it');
    return;
  }
  assert.equal(status, 0);
  const made = parseAllDocuments(stdout)
    .map((document) => document.toJS() as IJob)
    .find((one) => one.spec?.template);
  const [built] = made?.spec?.template.spec?.containers ?? [];
  assert.equal(built?.image, image);
  assert.equal(made?.spec?.completions, completions);
  assert.deepEqual(built.args, container?.args);
  const named = new Map((built.env ?? []).map(({ name, value }) => [name, value]));
  assert.deepEqual(named, values);
});

it('the dashboard asks for metrics that there are', () => {
  const { panels } = JSON.parse(read('dashboard.json')) as {
    panels: { title: string; targets: { expr: string }[] }[];
  };
  const source = fs.readFileSync(path.join(root, 'lib/cli/load/prometheus.ts'), 'utf8');
  const known = new Set([...source.matchAll(/'(load_\w+)'/g)].map(([, name]) => name));
  const asked = panels.flatMap(({ targets }) =>
    targets.flatMap(({ expr }) =>
      [...expr.matchAll(/mediasoup_client_pion_(load_\w+)/g)].map(([, name]) => name),
    ),
  );
  assert.ok(asked.length >= panels.length);
  assert.deepEqual(
    asked.filter((name) => !known.has(name)),
    [],
  );
});

it('the container has the program that is published', () => {
  const text = read('Containerfile');
  const entry = JSON.parse(/^ENTRYPOINT (.*)$/m.exec(text)?.[1] ?? '[]') as string[];
  const { name, bin } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')) as {
    name: string;
    bin: Record<string, string>;
  };
  assert.deepEqual(entry, ['node', `/load/node_modules/${name}/${bin[name] ?? ''}`, 'load']);
});
