// Prometheus of Debian in a machine. It has no discovery of Kubernetes in it: whom it scrapes it is told by the pods' annotations.
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { IPodList } from 'kubernetes-models/v1';
import { stringify } from 'yaml';
import { until } from '../../e2e/session.js';
import type { Machine } from './machine.js';

const ADDRESS = '127.0.0.1:9090';
const TARGETS = 'targets.json';
const EVERY_MS = 500;

const settings = (targets: string) => ({
  scrape_configs: [
    {
      job_name: 'pods',
      // Of pods that are gone soon.
      scrape_interval: '500ms',
      scrape_timeout: '500ms',
      file_sd_configs: [{ files: [targets] }],
    },
  ],
});

/** What is to be scraped, as the rules of many clusters have it. */
function targetsOf({ items = [] }: Partial<IPodList>): object[] {
  return items.flatMap(({ metadata, status }) => {
    const annotation = (name: string) => metadata?.annotations?.[`prometheus.io/${name}`];
    const ip = status?.podIP;
    if (ip === undefined || annotation('scrape') !== 'true') return [];
    const targets = [`${ip}:${annotation('port') ?? ''}`];
    return [{ targets, labels: { __metrics_path__: annotation('path') ?? '' } }];
  });
}

/** What an expression has been, by its labels. */
export type Series = { labels: Record<string, string>; values: number[] };

export class Prometheus {
  readonly #machine: Machine;
  readonly #begun = Date.now();
  #following: Promise<void> | undefined;
  #isClosed = false;

  private constructor(machine: Machine) {
    this.#machine = machine;
  }

  /** `pods` are asked for again and again. */
  static async start(machine: Machine, pods: () => Promise<Partial<IPodList>>) {
    const prometheus = new Prometheus(machine);
    const targets = machine.write(TARGETS, '[]');
    machine.start('prometheus', 'prometheus', [
      `--config.file=${machine.write('prometheus.yaml', stringify(settings(targets)))}`,
      `--storage.tsdb.path=${path.join(machine.folder, 'prometheus')}`,
      `--web.listen-address=${ADDRESS}`,
    ]);
    const isReady = () =>
      prometheus.#ask('/-/ready').then(
        () => true,
        () => false,
      );
    await until('Prometheus', isReady, { timeoutMs: 60_000, everyMs: 200 });
    prometheus.#following = prometheus.#follow(pods);
    return prometheus;
  }

  async #follow(pods: () => Promise<Partial<IPodList>>): Promise<void> {
    while (!this.#isClosed) {
      this.#machine.write(TARGETS, JSON.stringify(targetsOf(await pods())));
      await sleep(EVERY_MS);
    }
  }

  /** Looks for no more pods. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#following;
  }

  /** As a panel of Grafana asks, of the time since the start. */
  async ask(expression: string): Promise<Series[]> {
    const range = { start: this.#begun / 1000, end: Date.now() / 1000, step: '500ms' };
    const asked = Object.entries({ query: expression, ...range });
    const text = await this.#ask(
      '/api/v1/query_range',
      ...asked.flatMap(([name, value]) => ['--data-urlencode', `${name}=${value}`]),
    );
    const { data } = JSON.parse(text) as {
      data: { result: { metric: Record<string, string>; values: [number, string][] }[] };
    };
    return data.result.map(({ metric, values }) => ({
      labels: metric,
      values: values.map(([, value]) => Number(value)),
    }));
  }

  async #ask(file: string, ...words: string[]): Promise<string> {
    const flags = ['--silent', '--show-error', '--fail-with-body'];
    return await this.#machine.run('curl', [...flags, ...words, `http://${ADDRESS}${file}`]);
  }
}
