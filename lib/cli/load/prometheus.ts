// Prometheus' metrics of the run, with prom-client, which is no dependency of this package.
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { UsageError } from '../UsageError.js';
import { METRICS, metricNames } from './metrics.js';
import { optionalPackage } from './optionalPackage.js';
import type { Options } from './options.js';
import type { Second, Summary } from './summary.js';

type Gauge = { set(labels: Record<string, string>, value: number): void };
type PromClient = {
  Registry: new () => { metrics(): Promise<string>; contentType: string };
  Gauge: new (options: object) => Gauge;
};

export type Metrics = {
  url: string;
  take(second: Second): void;
  finish(summary: Summary): void;
  /** Waits for a scrape that has the summary, as long as was asked for. */
  lastScrape(): Promise<void>;
  close(): Promise<void>;
};

const STATES = ['waiting', 'joining', 'joined', 'failed', 'lost'] as const;

const GAUGES = {
  kbitsSent: ['load_sent_kbits', 'Kilobits a second that the bots send'],
  kbitsReceived: ['load_received_kbits', 'Kilobits a second that the bots receive'],
  packetsSent: ['load_sent_packets', 'Packets a second that the bots send'],
  packetsReceived: ['load_received_packets', 'Packets a second that the bots receive'],
  messagesSent: ['load_sent_messages', 'Messages a second that the bots send'],
  messagesReceived: ['load_received_messages', 'Messages a second that the bots receive'],
  consumers: ['load_consumers', 'Open consumers of the bots'],
  refused: ['load_refused', 'Requests that were refused while the bot went on'],
  loss: ['load_loss_percent', 'Packets that bots did not receive, mean'],
  rtt: ['load_round_trip_ms', 'Round trip of the bots to the server, mean'],
  loop: ['load_loop_delay_ms', 'Delay of the event loop of the bots, p99 of the last second'],
  cores: ['load_cores', 'Processor cores that the bots take'],
  rss: ['load_resident_mb', 'Resident memory of the bots'],
} as const;

function promClient(): PromClient {
  const found = optionalPackage('prom-client') as PromClient | undefined;
  if (!found) throw new UsageError('--metrics-port needs prom-client: npm install prom-client');
  return found;
}

/** @throws UsageError without prom-client, or where the port is taken. */
export async function openMetrics(options: Options): Promise<Metrics | undefined> {
  if (options.metricsPort === undefined) return undefined;
  const { Registry, Gauge } = promClient();
  const registry = new Registry();
  const gauge = (name: string, help: string, labelNames: string[] = []) =>
    new Gauge({
      name: `mediasoup_client_pion_${name}`,
      help,
      labelNames: ['pod_index', ...labelNames],
      registers: [registry],
    });
  const pod_index = String(options.pod);
  const bots = gauge('load_bots', 'Bots by state', ['state']);
  const spreads = gauge('load_summary', 'Percentiles of the whole run, at its end', [
    'metric',
    'quantile',
  ]);
  const gauges = Object.entries(GAUGES).map(
    ([key, [name, help]]) => [key as keyof typeof GAUGES, gauge(name, help)] as const,
  );
  let isOver = false;
  let scraped: () => void = () => undefined;
  const server = http.createServer((request, response) => {
    if (request.url?.split('?')[0] !== '/metrics') {
      response.writeHead(404).end();
      return;
    }
    const had = isOver;
    registry.metrics().then(
      (text) => {
        response.writeHead(200, { 'content-type': registry.contentType }).end(text);
        if (had) scraped();
      },
      () => response.writeHead(500).end(),
    );
  });
  server.listen(options.metricsPort, options.metricsHost);
  await once(server, 'listening').catch((error: unknown) => {
    throw new UsageError(`--metrics-port: ${(error as Error).message}`);
  });
  const { address, port } = server.address() as AddressInfo;
  return {
    url: `http://${address.includes(':') ? `[${address}]` : address}:${port}/metrics`,
    take(second) {
      for (const state of STATES) bots.set({ pod_index, state }, second[state]);
      for (const [key, one] of gauges) {
        const value = second[key];
        if (value !== undefined) one.set({ pod_index }, value);
      }
    },
    finish(summary) {
      isOver = true;
      for (const metric of metricNames) {
        const spread = summary.spreads[metric];
        if (!spread) continue;
        const name = `${metric}${METRICS[metric].unit === 'ms' ? '_ms' : ''}`;
        for (const quantile of ['p50', 'p95', 'p99'] as const) {
          spreads.set({ pod_index, metric: name, quantile }, spread[quantile]);
        }
      }
    },
    async lastScrape() {
      if (options.metricsWait === 0) return;
      await new Promise<void>((resolve) => {
        const late = setTimeout(resolve, options.metricsWait * 1000);
        scraped = () => {
          clearTimeout(late);
          resolve();
        };
      });
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
